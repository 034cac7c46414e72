/** What a command has of its process. Results go to `stdout`; everything else to `stderr`. */
export interface Terminal {
  readonly stdin: NodeJS.ReadableStream;
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly variables: Readonly<Record<string, string | undefined>>;
}

/** Writes one result: a JSON document on one line with `--json`, the lines for people without. */
export function printResult(
  terminal: Terminal,
  result: { readonly json: boolean; readonly document: unknown; readonly lines: readonly string[] },
): void {
  const lines = result.json ? [JSON.stringify(result.document)] : result.lines;
  terminal.stdout.write(lines.map((line) => `${line}\n`).join(''));
}

/** Says something beside the result. */
export function printNote(terminal: Terminal, line: string): void {
  terminal.stderr.write(`${line}\n`);
}
