import type { DeploymentConfig } from '#core/deployment/deployment-config.ts';

/** Where the metrics of a deployment are; two in one account must not add up. */
export function metricsNamespaceOf({ name }: DeploymentConfig): string {
  return `Switchyard/${name}`;
}
