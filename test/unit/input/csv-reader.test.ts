import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RowOptions } from '#core/contract/job.ts';
import { defaultLimits } from '#core/contract/limits.ts';
import { UnusableInput } from '#core/formats/unusable-input.ts';
import { readByCells } from '../../fixtures/input/read-by-cells.ts';
import { createMemoryObjectStore } from '../../fixtures/memory-object-store.ts';

async function rowsOf(content: string | Uint8Array, rows: RowOptions = {}, lineBytes = 1_000) {
  const bytes = Buffer.from(content);
  const file = { name: 'f.csv', format: 'csv', compression: 'none', bytes } as const;
  const limits = { ...defaultLimits, lineBytes };
  const store = createMemoryObjectStore();
  return (await readByCells(store, [file], { cellBytes: 10, rows, limits })).rows;
}

const said = (rows: Awaited<ReturnType<typeof rowsOf>>) =>
  rows.map(({ line, offset, parsed }) => [
    line,
    offset,
    parsed.ok ? parsed.text : parsed.error.code,
  ]);

test('rows of a CSV file know their physical line and first byte', async () => {
  const rows = await rowsOf('\uFEFF\r\nid,text\r\n1,"a\r\nb"\r\n\r\n2,c\r\n');

  assert.deepEqual(said(rows), [
    [3, 14, 'a\r\nb'],
    [6, 26, 'c'],
  ]);
  assert.deepEqual(
    rows.map(({ id }) => id),
    ['1', '2'],
  );
});

test('the text column is the option, else text, else the only one', async () => {
  assert.deepEqual(said(await rowsOf('a,text\nx,y\n')), [[2, 7, 'y']]);
  assert.deepEqual(said(await rowsOf('a,text\nx,y\n', { textColumn: 'a' })), [[2, 7, 'x']]);
  assert.deepEqual(said(await rowsOf('review\nx\n')), [[2, 7, 'x']]);
  assert.deepEqual(said(await rowsOf('a;text\n1;y\n', { delimiter: ';' })), [[2, 7, 'y']]);
});

test('a file whose text column cannot be told fails and names its columns', async () => {
  const cases: [string, RowOptions, RegExp][] = [
    ['a,b\n1,2\n', {}, /textColumn.*"a", "b"/],
    ['a,b\n1,2\n', { textColumn: 'c' }, /none of its columns.*"a", "b"/],
    ['text,text\n1,2\n', {}, /two columns/],
    ['a;text\n1;2\n', {}, /delimiter/],
    ['a,text\n1,2\n', { join: ['b'] }, /join/],
    ['"text\n1\n', {}, /line 1 should be the header/],
    [`${Array.from({ length: 400 }, (_, at) => `c${at}`).join(',')}\n`, {}, /and 380 more/],
  ];
  for (const [content, options, detail] of cases) {
    await assert.rejects(rowsOf(content, options, 10_000), (error) => {
      assert.ok(error instanceof UnusableInput && error.code === 'invalid_request', content);
      assert.match(error.detail, detail);
      assert.ok(error.detail.length < 1_000);
      return true;
    });
  }
});

test('a bad row is one error row and its neighbours are read', async () => {
  const content = Buffer.concat([
    Buffer.from('id,text\n1,a\n2,b,c\n3\n4,"x"y\n5,5" disk\n6,""\n7,'),
    Buffer.of(0xff),
    Buffer.from(`\n8,"${'long\n'.repeat(300)}"\n9,end\n`),
  ]);
  const rows = await rowsOf(content);

  assert.deepEqual(
    rows.map(({ parsed }) => (parsed.ok ? parsed.text : parsed.error.code)),
    [
      'a',
      ...Array.from({ length: 5 }, () => 'invalid_row'),
      'invalid_utf8',
      'line_too_long',
      'end',
    ],
  );
  assert.equal(rows[7]?.line, 9);
  assert.equal(rows[8]?.line, 310);
});

test('a quote that is never closed is one error row that names its line', async () => {
  for (const lineBytes of [1_000, 10]) {
    const rows = await rowsOf('id,text\n1,a\n"2\n2",b\n3,"c\n4,d\n5,e\n', {}, lineBytes);

    const last = rows.at(-1);
    assert.equal(rows.length, 3);
    assert.ok(last && !last.parsed.ok);
    assert.match(last.parsed.error.detail, /opens on line 5 is never closed/);
    assert.equal(last.line, 5);
  }
});

test('a CSV file of a header alone, of blank lines or of nothing has no rows', async () => {
  for (const content of ['text', 'text\n\n', '\n \r\n', '', '\uFEFF']) {
    assert.deepEqual(await rowsOf(content), []);
  }
});

test('joined columns keep the order of the header', async () => {
  const [row] = await rowsOf('2020,text,id,10\na,t,1,"b,"\n', { join: true });

  assert.deepEqual(row?.input, [
    ['2020', 'a'],
    ['10', 'b,'],
  ]);
});
