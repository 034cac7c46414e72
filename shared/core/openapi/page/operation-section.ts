import { html, type Markup } from '../../markup.ts';
import type { JsonSchema } from '../json-schemas.ts';
import type { OpenApiDocument, OperationObject } from '../openapi-document.ts';
import type { MediaTypeObject, ResponseObject } from '../response-object.ts';
import { prose } from './prose.ts';
import { schemaTable, typeOf } from './schema-table.ts';

/** One route of the document. */
export interface PageOperation {
  readonly method: string;
  readonly path: string;
  readonly operation: OperationObject;
}

/** A route: what it is for, a call that can be copied, what may be sent, what comes back. */
export function operationSection(
  { method, path, operation }: PageOperation,
  page: { readonly document: OpenApiDocument; readonly address: string },
): Markup {
  const { summary, operationId, description } = operation;
  return html`<section id="${operationId}">
<h3><span class="method ${method}">${method.toUpperCase()}</span> <code>${path}</code></h3>
<p>${prose(summary)}</p>
${description === undefined ? '' : html`<p>${prose(description)}</p>`}
<pre>${curlOf({ method, path, operation }, page)}</pre>
${sentPart(operation, page.document)}
${answerPart(operation, page.document)}
</section>`;
}

function curlOf(
  { method, path, operation }: PageOperation,
  { document, address }: { readonly document: OpenApiDocument; readonly address: string },
): string {
  const isOpen = document.security.length === 0 || operation.security !== undefined;
  const key = isOpen ? '' : '-H "Authorization: Bearer $SWITCHYARD_KEY" ';
  const [example] = Object.values(
    operation.requestBody?.content['application/json'].examples ?? {},
  );
  const body = example === undefined ? '' : `-d '${JSON.stringify(example.value)}' `;
  const verb = method === 'get' || body !== '' ? '' : `-X ${method.toUpperCase()} `;
  const follow = operation.responses['303'] === undefined ? '' : '-L ';
  return `curl ${follow}${verb}${key}${body}${quoted(`${address}${path.replace('{id}', '$JOB')}`)}`;
}

/** A colon or a variable needs no quotes in a shell; anything else that does gets them. */
function quoted(url: string): string {
  return /^[\w:/.$-]+$/.test(url) ? url : `"${url}"`;
}

function sentPart(operation: OperationObject, { components }: OpenApiDocument): Markup | string {
  const rows = operation.parameters.map((each) => {
    const parameter =
      'name' in each ? each : components.parameters[lastName(each.$ref) as 'Prefer'];
    const { name, in: place, schema, ...rest } = parameter;
    const text = 'description' in rest ? rest.description : (schema as JsonSchema).description;
    return html`<tr><td><code>${name}</code></td><td class="type">${place}, ${typeOf(schema as JsonSchema)}</td><td>${prose(text ?? '')}</td></tr>`;
  });
  const body = operation.requestBody?.content['application/json'];
  const bodySchema =
    body === undefined ? undefined : components.schemas[lastName(body.schema.$ref)];
  if (rows.length === 0 && bodySchema === undefined) return '';
  const more = Object.values(body?.examples ?? {}).slice(1);
  return html`<h4>What you send</h4>
${rows.length === 0 ? '' : html`<div class="scroll"><table>${rows}</table></div>`}
${bodySchema === undefined ? '' : schemaTable(bodySchema)}
${more.map((each) => html`<p class="quiet">${each.summary}: <code>${JSON.stringify(each.value)}</code></p>`)}`;
}

function answerPart(operation: OperationObject, { components }: OpenApiDocument): Markup {
  const entries = Object.entries(operation.responses);
  const problems = entries.flatMap(([status, { content }]) =>
    Object.keys(content?.[problemType]?.examples ?? {}).map((code) => {
      const title = components.examples[code]?.value.title ?? '';
      return html`<tr><td>${status}</td><td><code>${code}</code></td><td>${title}</td></tr>`;
    }),
  );
  return html`<h4>What comes back</h4>
${entries.flatMap(([status, response]) => answerLine(status, response))}
<details><summary>Problems</summary><div class="scroll"><table>${problems}</table></div></details>`;
}

const problemType = 'application/problem+json';

/** None for a status that stands for problems alone. */
function answerLine(status: string, { description, content = {} }: ResponseObject): Markup[] {
  const { [problemType]: problem, ...answers } = content;
  const [answer] = Object.entries(answers);
  if (answer === undefined && problem !== undefined) return [];
  // What follows is the list of problems that share the status.
  const text = problem === undefined ? description : (description.split(' `')[0] ?? '');
  return [
    html`<p><b>${status}</b> ${prose(text)}${answer === undefined ? '' : bodyOf(...answer)}</p>`,
    answer === undefined ? html`` : exampleOf(answer[1]),
  ];
}

function bodyOf(type: string, { schema }: MediaTypeObject): Markup {
  if (schema.$ref !== undefined) return html` ${typeOf(schema)}`;
  return html` <code>${type}</code> ${prose(schema.description ?? '')}`;
}

function exampleOf({ example }: MediaTypeObject): Markup {
  if (example === undefined) return html``;
  const text = typeof example === 'string' ? example : JSON.stringify(example, null, 2);
  return html`<details><summary>An example</summary><pre>${text}</pre></details>`;
}

function lastName(ref: string | undefined): string {
  return ref?.slice(ref.lastIndexOf('/') + 1) ?? '';
}
