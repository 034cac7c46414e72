import { html, Markup } from '../../markup.ts';
import type { OpenApiDocument } from '../openapi-document.ts';
import { docsStyle } from './docs-style.ts';
import { operationSection, type PageOperation } from './operation-section.ts';
import { prose } from './prose.ts';
import { schemaTable } from './schema-table.ts';

/** The document as a page of its own: no script, nothing loaded. `address` is where curl finds the routes. */
export function docsPage(document: OpenApiDocument, address: string): string {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(
      ([method, operation]): PageOperation => ({ method, path, operation }),
    ),
  );
  const page = { document, address };
  const groups = document.tags.map(({ name }) => ({
    name,
    operations: operations.filter(({ operation }) => operation.tags.includes(name)),
  }));
  const { title, version, summary, description } = document.info;
  return html`${doctype}<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title} API</title><link rel="icon" href="data:,"><style>${new Markup(docsStyle)}</style></head><body>
<nav><a class="home" href="#top">${title}</a>${groups.map(
    (group) =>
      html`<h2>${group.name}</h2>${group.operations.map(
        ({ method, path, operation }) =>
          html`<a href="#${operation.operationId}"><span class="method ${method}">${method.toUpperCase()}</span>${path}</a>`,
      )}`,
  )}<h2>Schemas</h2>${Object.keys(document.components.schemas).map((name) => html`<a href="#${name}">${name}</a>`)}</nav>
<main id="top"><h1>${title} API</h1>
<p class="lead">${summary}</p>
<p>${prose(description)} <a href="openapi.json">OpenAPI ${document.openapi}</a>, version ${version}.</p>
${groups.map(
  (group) =>
    html`<h2>${group.name}</h2>${group.operations.map((each) => operationSection(each, page))}`,
)}
<h2>Schemas</h2>
<p>A <b class="required">*</b> marks what is always there. Answers may get further members.</p>
${Object.entries(document.components.schemas).map(
  ([name, schema]) => html`<section id="${name}"><h3>${name}</h3>${schemaTable(schema)}</section>`,
)}
</main></body></html>`.text;
}

const doctype = new Markup('<!doctype html>\n');
