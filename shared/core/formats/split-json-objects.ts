/** A whole string, or a brace outside of any; what is inside a string is no brace. */
const TOKENS = /"(?:[^"\\]|\\.)*"|[{}]/g;

/**
 * The texts of JSON objects that stand behind one another in a line, with or without white space between
 * them. What is no object comes out as it is, in a text of its own.
 */
export function splitJsonObjects(line: string): readonly string[] {
  // Nearly every line is one object, and most of the others are told by this alone.
  if (!/\}\s*\{/.test(line)) return [line];
  const texts: string[] = [];
  let depth = 0;
  let start = 0;
  for (const { 0: token, index } of line.matchAll(TOKENS)) {
    if (token === '{') depth += 1;
    else if (token === '}') depth = Math.max(0, depth - 1);
    if (token !== '}' || depth > 0) continue;
    texts.push(line.slice(start, index + 1));
    start = index + 1;
  }
  const rest = line.slice(start);
  return rest.trim() === '' ? texts : [...texts, rest];
}
