import type { AccountFacts } from '../ports/account-facts.ts';
import type { DeploymentConfig } from './deployment-config.ts';

export interface AccountFinding {
  /** `stop`: the deployment would fail. `warn`: it would work less than it says. `unknown`: not found out. */
  readonly level: 'ok' | 'warn' | 'stop' | 'unknown';
  readonly what: string;
  /**
   * What to do about it.
   *
   * @default - nothing
   */
  readonly remedy?: string;
}

/** What `cdk bootstrap` of the CLI in use makes. */
const LEAST_BOOTSTRAP = 21;
/** Lambda keeps so much concurrency for functions that reserve none. */
const KEPT_UNRESERVED = 100;
/** vCPUs of the smallest GPU instance. */
const LEAST_GPU_VCPUS = 4;

/**
 * Looks for what makes a first deployment fail, or stand still without a word, in an account. Who may
 * not ask for a fact gets `unknown` for it; without credentials it throws what the SDK throws.
 */
export async function checkAccount(
  facts: AccountFacts,
  config: DeploymentConfig,
): Promise<readonly AccountFinding[]> {
  const { account, principal } = await facts.identity();
  const known: AccountFinding = { level: 'ok', what: `account ${account}, as ${principal}` };
  const rest = await Promise.all([
    found('the bootstrap stack', async () => bootstrap(await facts.bootstrapVersion(), config)),
    found('instance types', async () =>
      offers(await facts.offeredTypes(config.gpu.instanceTypes), config),
    ),
    found('the spot quota', async () => quota('spot', await facts.gpuVcpus('spot'), config)),
    found('the on-demand quota', async () =>
      quota('on-demand', await facts.gpuVcpus('on-demand'), config),
    ),
    found('the Lambda concurrency', async () => concurrency(await facts.concurrency(), config)),
  ]);
  return [known, ...rest];
}

async function found(what: string, look: () => Promise<AccountFinding>): Promise<AccountFinding> {
  try {
    return await look();
  } catch (error) {
    const name = error instanceof Error ? error.name : 'unknown error';
    return { level: 'unknown', what: `${what} could not be read (${name})` };
  }
}

function bootstrap(version: number | undefined, { region }: DeploymentConfig): AccountFinding {
  const remedy = `npx cdk bootstrap aws://<account>/${region}`;
  if (version === undefined) {
    return { level: 'stop', what: `${region} is not bootstrapped for the CDK`, remedy };
  }
  if (version < LEAST_BOOTSTRAP) {
    return { level: 'warn', what: `the bootstrap stack has version ${version}`, remedy };
  }
  return { level: 'ok', what: `bootstrapped, version ${version}` };
}

function offers(offered: readonly string[], { gpu, region }: DeploymentConfig): AccountFinding {
  const missing = gpu.instanceTypes.filter((type) => !offered.includes(type));
  if (missing.length === 0) return { level: 'ok', what: `${region} has ${offered.join(', ')}` };
  return {
    level: 'stop',
    what: `${region} has no ${missing.join(', ')}`,
    remedy: `leave them out of gpu.instanceTypes${offered.length > 0 ? `; there are ${offered.join(', ')}` : ', or choose another region'}`,
  };
}

function quota(
  kind: 'spot' | 'on-demand',
  vcpus: number,
  { gpu, region }: DeploymentConfig,
): AccountFinding {
  const wanted = kind === 'spot' ? gpu.maxSpotVcpus : gpu.maxOnDemandVcpus;
  const name =
    kind === 'spot'
      ? 'All G and VT Spot Instance Requests'
      : 'Running On-Demand G and VT instances';
  const remedy = `ask for ${wanted}: Service Quotas, Amazon EC2, "${name}", ${region}`;
  if (vcpus < LEAST_GPU_VCPUS) {
    return {
      level: 'warn',
      what: `the ${kind} quota of ${vcpus} GPU vCPUs starts no instance: jobs run on the Lambda fleet only`,
      remedy,
    };
  }
  if (vcpus < wanted) {
    const what = `the ${kind} quota of ${vcpus} GPU vCPUs is less than the ${wanted} of the config`;
    return { level: 'warn', what, remedy };
  }
  return { level: 'ok', what: `${vcpus} GPU vCPUs ${kind}` };
}

function concurrency(
  { limit, unreserved }: { readonly limit: number; readonly unreserved: number },
  { fleet }: DeploymentConfig,
): AccountFinding {
  const free = Math.max(0, unreserved - KEPT_UNRESERVED);
  if (fleet.max <= free) {
    return { level: 'ok', what: `Lambda concurrency ${limit}, ${unreserved} of it unreserved` };
  }
  return {
    level: 'stop',
    what: `the fleet reserves ${fleet.max} of Lambda's concurrency, ${free} can be reserved (limit ${limit}, ${KEPT_UNRESERVED} stay free)`,
    remedy: `lower fleet.max${free > 0 ? ` to ${free}` : ''}, or ask for more: Service Quotas, AWS Lambda, "Concurrent executions"`,
  };
}
