/** The try that needs more than this script makes. */
import { NotTried, type Try } from '../try';

/** Needs a hosted zone of one's own: docs/real-account.md says how. */
export const route53: Try = {
  name: 'route53',
  question: 'Does Route 53 leave a load balancer while a second group has only initial or draining targets?',
  assumes: 'It does, unless dns_failover.minimum_healthy_targets.count is off.',
  run: ({ options }) => Promise.reject(new NotTried(options.route53 ? byHand : 'give --route53 to be told how')),
};

const byHand = 'by hand, see docs/real-account.md';
