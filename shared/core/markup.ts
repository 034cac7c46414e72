/** Text that is markup already. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Part = Markup | string | number | readonly Part[] | undefined;

/** Markup with everything that is put into it escaped, unless it is markup itself. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  const text = strings.reduce((all, string, at) => all + string + shown(parts[at]), '');
  return new Markup(text);
}

function shown(part: Part): string {
  if (part === undefined) return '';
  if (part instanceof Markup) return part.text;
  if (typeof part === 'string' || typeof part === 'number') return escaped(String(part));
  return part.map(shown).join('');
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => entities[character] ?? character);
}

/** A table; columns of numbers are set to the right. */
export function table(
  head: readonly string[],
  rows: readonly (readonly Part[])[],
  options: { readonly numbersFrom: number; readonly marked?: number } = { numbersFrom: 1 },
): Markup {
  const numeric = (at: number) => (at >= options.numbersFrom ? 'n' : '');
  return html`<div class="scroll"><table><thead><tr>${head.map((cell, at) => html`<th class="${numeric(at)}">${cell}</th>`)}</tr></thead><tbody>${rows.map(
    (row, index) =>
      html`<tr class="${index === options.marked ? 'marked' : ''}">${row.map((cell, at) => html`<td class="${numeric(at)}">${cell}</td>`)}</tr>`,
  )}</tbody></table></div>`;
}
