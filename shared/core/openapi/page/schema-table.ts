import { html, type Markup } from '../../markup.ts';
import type { JsonSchema } from '../json-schemas.ts';
import { prose } from './prose.ts';

/** Rows for the members of an object; those of objects inside it follow with their path. */
export function schemaTable(schema: JsonSchema): Markup {
  const rows = memberRows(schema, '');
  if (rows.length === 0) return html`<p>${typeOf(schema)} ${describe(schema)}</p>`;
  return html`<div class="scroll"><table>${rows}</table></div>`;
}

/** Deeper members are named by their own schema, or shown by the example. */
const SHOWN_LEVELS = 2;

function memberRows(schema: JsonSchema, path: string): readonly Markup[] {
  const required = new Set(schema.required ?? []);
  return Object.entries(schema.properties ?? {}).flatMap(([name, member]) => {
    if (typeof member === 'boolean') return [];
    const mark = required.has(name) ? html`<b class="required" title="always there">*</b>` : '';
    const row = html`<tr><td><code>${path}${name}</code>${mark}</td><td class="type">${typeOf(member)}</td><td>${describe(member)}</td></tr>`;
    return [row, ...innerRows(member, `${path}${name}`)];
  });
}

function innerRows(member: JsonSchema, path: string): readonly Markup[] {
  if (path.split('.').length >= SHOWN_LEVELS) return [];
  const inner = objectIn(member);
  if (inner === undefined) return [];
  return memberRows(inner, `${path}${inner === member ? '' : inside(member)}.`);
}

function inside(member: JsonSchema): string {
  return member.type === 'array' ? '[]' : '';
}

/** The object that a member is, holds a list of, or is unless it is null. */
function objectIn(schema: JsonSchema): JsonSchema | undefined {
  if (schema.properties !== undefined) return schema;
  const { items } = schema;
  if (typeof items === 'object' && !Array.isArray(items)) return objectIn(items);
  const choices = choicesOf(schema).filter((choice) => choice.properties !== undefined);
  return choices.length === 1 ? choices[0] : undefined;
}

function choicesOf(schema: JsonSchema): readonly JsonSchema[] {
  return (schema.anyOf ?? schema.oneOf ?? []).filter((each) => typeof each !== 'boolean');
}

/** Short name of a type, linked where it has a section of its own. */
export function typeOf(schema: JsonSchema): Markup {
  const { $ref, items } = schema;
  if ($ref !== undefined) {
    const name = $ref.slice($ref.lastIndexOf('/') + 1);
    return html`<a href="#${name}">${name}</a>`;
  }
  const choices = choicesOf(schema);
  if (choices.length > 0) {
    return html`${choices.map((choice, at) => html`${at === 0 ? '' : ' or '}${typeOf(choice)}`)}`;
  }
  if (schema.const !== undefined) return html`<code>${JSON.stringify(schema.const)}</code>`;
  if (schema.enum !== undefined) {
    return html`${schema.enum.map((value, at) => html`${at === 0 ? '' : ' '}<code>${String(value)}</code>`)}`;
  }
  if (typeof items === 'object' && !Array.isArray(items)) return html`list of ${typeOf(items)}`;
  return html`${[schema.type ?? 'any'].flat().join(' or ')}`;
}

function describe(schema: JsonSchema): Markup {
  const limits = [
    range(schema.minimum, schema.maximum),
    range(schema.minItems, schema.maxItems, ' items'),
    schema.default === undefined ? '' : `default ${JSON.stringify(schema.default)}`,
  ].filter((text) => text !== '');
  const quiet = limits.length === 0 ? '' : html` <span class="quiet">${limits.join(', ')}</span>`;
  return html`${prose(schema.description ?? '')}${quiet}`;
}

function range(least: number | undefined, most: number | undefined, unit = ''): string {
  if (most === undefined) return '';
  const from = least === undefined ? 'up to ' : `${least.toLocaleString('en-US')}–`;
  return `${from}${most.toLocaleString('en-US')}${unit}`;
}
