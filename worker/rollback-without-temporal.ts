/** The part of `cutover rollback --without-temporal` that calls AWS, loaded when it is asked for. */
export { findReturn } from '../activities/without-temporal/rollback';
