// Reads a CycloneDX document from standard input; fails unless it lists what is shipped, with licences.
import { readFileSync } from 'node:fs';

const { components = [] } = JSON.parse(readFileSync(0, 'utf8'));
const licenceOf = ({ licenses = [] }) =>
  licenses.map((each) => each.license?.id ?? each.license?.name ?? each.expression).join(' / ');
const runtime = components.find(({ name }) => name === 'onnxruntime-node');
const unlicensed = components.filter((component) => licenceOf(component) === '');
if (runtime === undefined || unlicensed.length > 0) {
  const names = unlicensed.map(({ name }) => name).join(', ');
  process.stderr.write(`no onnxruntime-node, or no licence: ${names}\n`);
  process.exit(1);
}
const counts = Map.groupBy(components, licenceOf);
const list = [...counts].map(([licence, { length }]) => `${length} ${licence}`);
process.stdout.write(`${components.length} components, onnxruntime-node ${runtime.version}: ${list.join(', ')}\n`);
