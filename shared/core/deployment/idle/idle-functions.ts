import {
  findResources,
  type IdleResource,
  type IdleTemplate,
  propertyAt,
} from './idle-template.ts';

/** The function with the models: it alone knows the function of jobs. */
export function findInference(templates: readonly IdleTemplate[]): IdleResource | undefined {
  return findByVariable(templates, 'SWITCHYARD_JOBS_FUNCTION');
}

/** The function that pings it; undefined where nothing is kept warm. */
export function findWarmer(templates: readonly IdleTemplate[]): IdleResource | undefined {
  return findByVariable(templates, 'SWITCHYARD_WARM_ENVIRONMENTS');
}

function findByVariable(
  templates: readonly IdleTemplate[],
  name: string,
): IdleResource | undefined {
  return findResources(templates, 'AWS::Lambda::Function').find(
    (each) => variableOf(each, name) !== undefined,
  );
}

export function variableOf(resource: IdleResource, name: string): unknown {
  return propertyAt(resource, ['Environment', 'Variables', name]);
}

export function architectureOf(resource: IdleResource): 'x86_64' | 'arm64' {
  const architectures = propertyAt(resource, ['Architectures']);
  return Array.isArray(architectures) && architectures.includes('arm64') ? 'arm64' : 'x86_64';
}
