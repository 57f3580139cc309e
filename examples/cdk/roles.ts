/** The roles: each has policies of docs/operations/policies and nothing else, for CDK adds nothing to a role that is imported. */
import { CfnRole, Role, type IRole } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { names } from './environment';
import { policy } from './policies';

export class Roles extends Construct {
  /** Applications' tasks: pulls their images, writes their logs. */
  readonly execution = this.role('Execution', names.executionRole, { execution: policy('execution-role') });
  /** What applications themselves may call: nothing, until you give it something. */
  readonly task = this.role('Task', names.taskRole, {});
  /** cutover's own tasks: the same, and the hook listener's secret, which AWS's own key encrypts. */
  readonly cutoverExecution = this.role('CutoverExecution', names.cutoverExecutionRole, {
    execution: policy('execution-role'),
    secrets: policy('execution-role-secrets', ['ReadParameters', 'DecryptThem']),
  });
  readonly worker = this.role('Worker', names.workerRole, { cutover: policy('worker') });
  /** Strangers reach the hook listener, so it may do nothing: it only hands calls to Temporal. */
  readonly hooks = this.role('Hooks', names.hooksRole, {});

  private role(id: string, roleName: string, policies: Readonly<Record<string, object>>): IRole {
    const role = new CfnRole(this, id, {
      roleName,
      assumeRolePolicyDocument: policy('tasks-trust'),
      policies: Object.entries(policies).map(([policyName, policyDocument]) => ({ policyName, policyDocument })),
    });
    return Role.fromRoleArn(this, `${id}Role`, role.attrArn, { mutable: false });
  }
}
