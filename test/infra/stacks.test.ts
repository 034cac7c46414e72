// One synthesis of the default deployment for all of these: it takes seconds.

import { describe } from 'node:test';
import { bulkCases } from './bulk-cases.ts';
import { bundleCases } from './bundle-cases.ts';
import { costCases } from './cost-cases.ts';
import { operationsCases } from './operations-cases.ts';
import { rightsCases } from './rights-cases.ts';
import { securityCases } from './security-cases.ts';
import { servingCases } from './serving-cases.ts';
import { synthesize } from './synthesize.ts';

const synthesis = synthesize();

describe('serving stack', () => servingCases(synthesis));
describe('bulk stack', () => bulkCases(synthesis));
describe('operations stack', () => operationsCases(synthesis));
describe('security of every stack', () => securityCases(synthesis));
describe('rights of the functions', () => rightsCases(synthesis));
describe('cost of every stack', () => costCases(synthesis));
describe('packages of the functions', () => bundleCases());
