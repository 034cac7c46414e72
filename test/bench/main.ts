// `npm run bench [-- name …]`: prints ratios measured in one interleaved run and writes them as JSON to
// bench-results/. Absolute figures belong to the machine of the run; only ratios travel.

import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { benchBulk } from './bench-bulk.ts';
import { benchCold } from './bench-cold.ts';
import { benchCurves } from './bench-curves.ts';
import { benchEscalation } from './bench-escalation.ts';
import { benchRouter } from './bench-router.ts';

process.env['ORT_DISABLE_TELEMETRY'] = '1';

const benches: Readonly<Record<string, () => Promise<Record<string, unknown>>>> = {
  bulk: benchBulk,
  cold: benchCold,
  curves: benchCurves,
  escalation: benchEscalation,
  router: benchRouter,
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in benches));
if (unknown.length > 0) {
  process.stderr.write(
    `no bench ${unknown.join(', ')}; there are ${Object.keys(benches).join(', ')}\n`,
  );
  process.exit(2);
}

const folder = join(import.meta.dirname, '../../bench-results');
mkdirSync(folder, { recursive: true });
for (const [name, bench] of Object.entries(benches)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const result = {
    bench: name,
    date: new Date().toISOString(),
    command: `npm run bench -- ${name}`,
    machine: { cpu: cpus()[0]?.model, cores: cpus().length, node: process.version },
    ...(await bench()),
  };
  console.log(JSON.stringify(result, null, 2));
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(result, null, 2)}\n`);
}
