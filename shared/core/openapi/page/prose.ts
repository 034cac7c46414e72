import { html, type Markup } from '../../markup.ts';

/** A text of the document as markup: what stands in backticks is code. */
export function prose(text: string): Markup {
  const parts = text.split('`');
  return html`${parts.map((part, at) => (at % 2 === 1 ? html`<code>${part}</code>` : part))}`;
}
