import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lexInf } from './inf-lexer.ts'

/** Entries of [S], as `key = fields` or fields alone. */
function entries(text: string) {
  const { sections } = lexInf(`[S]\n${text}`)
  return (sections.get('s')?.entries ?? []).map(({ key, fields }) =>
    key === undefined ? [...fields] : [key, [...fields]],
  )
}

test('entries are keys with fields, or fields alone', () => {
  assert.deepEqual(entries('Key = a, b ,c'), [['Key', ['a', 'b', 'c']]])
  assert.deepEqual(entries('a.sys'), [['a.sys']])
  assert.deepEqual(entries('HKR,,Name,0x1,"x"'), [['HKR', '', 'Name', '0x1', 'x']])
  assert.deepEqual(entries('Key='), [['Key', ['']]])
  assert.deepEqual(entries('a,b=c'), [['a', 'b=c']])
  assert.deepEqual(entries('Key = a=b'), [['Key', ['a=b']]])
})

test('comments end a line outside quotes only', () => {
  assert.deepEqual(entries('; all\nKey = a ; rest, of, it\n  ;'), [['Key', ['a']]])
  assert.deepEqual(entries('Key = "a;b" ; c'), [['Key', ['a;b']]])
  assert.deepEqual(entries('Key = %a;b% ; c'), [['Key', ['%a;b%']]])
  assert.deepEqual(entries('Key = 100% ; 50%'), [['Key', ['100% ; 50%']]])
})

test('quoted text keeps blanks, commas and equals signs, and doubled quotes stand for one', () => {
  assert.deepEqual(entries('Key = " a, b = c "'), [['Key', [' a, b = c ']]])
  assert.deepEqual(entries('Key = "say ""hi""", next'), [['Key', ['say "hi"', 'next']]])
  assert.deepEqual(entries('"quoted key" = v'), [['quoted key', ['v']]])
  assert.deepEqual(entries('Key = ab"c d"e '), [['Key', ['abc de']]])
  assert.deepEqual(entries('Key = ""'), [['Key', ['']]])
})

test('a backslash outside quotes joins lines, after a comment too', () => {
  assert.deepEqual(entries('CopyFiles = a,\\\n  b'), [['CopyFiles', ['a', 'b']]])
  assert.deepEqual(entries('CopyFiles = "Dir\\"\\ ; comment\n,File'), [['CopyFiles', ['Dir\\', 'File']]])
  assert.deepEqual(entries('Path = "C:\\"\nNext = 1'), [
    ['Path', ['C:\\']],
    ['Next', ['1']],
  ])
  assert.deepEqual(entries('Path=\\'), [['Path', ['']]])
})

test('a quote that is not closed ends with its line and is remarked on', () => {
  const { sections, problems } = lexInf('[S]\nKey = "a, b\nNext = 1')
  assert.deepEqual(
    sections.get('s')?.entries.map(({ fields }) => fields),
    [['a, b'], ['1']],
  )
  assert.deepEqual(problems, [{ line: 2, what: 'quote' }])
})

test('sections of one name are one, whatever their case', () => {
  const { sections } = lexInf('[One]\na\n[Two]\nb\n[ONE]\nc')
  assert.deepEqual(
    [...sections.values()].map(({ name }) => name),
    ['One', 'Two'],
  )
  assert.deepEqual(
    sections.get('one')?.entries.map(({ fields }) => fields[0]),
    ['a', 'c'],
  )
})

test('text before the first section and headers that are not closed are remarked on', () => {
  const { sections, problems } = lexInf('/*++\n[Sec\na\n[ Spaced ] rest\nb')
  assert.deepEqual([...sections.keys()], ['sec', 'spaced'])
  assert.deepEqual(problems, [
    { line: 1, what: 'outside' },
    { line: 2, what: 'header' },
  ])
})

test('lines end in CR, LF or both, are counted alike, and control-Z ends the file', () => {
  for (const end of ['\r\n', '\n', '\r']) {
    const { sections } = lexInf(['[S]', 'a', '', 'b\\', 'c', 'd', '\u001a[T]', 'e'].join(end))
    assert.deepEqual([...sections.keys()], ['s'])
    assert.deepEqual(
      sections.get('s')?.entries.map(({ fields, line }) => [fields[0], line]),
      [
        ['a', 2],
        ['bc', 4],
        ['d', 6],
      ],
    )
  }
})

test('a file of nothing but commas is cut, not swallowed', () => {
  const { isWhole, sections } = lexInf(`[S]\n${`${','.repeat(1000)}\n`.repeat(2000)}`)
  assert.equal(isWhole, false)
  assert.ok((sections.get('s')?.entries.length ?? 0) < 600)
})

test('hostile texts are read in time', () => {
  const texts = [
    '%'.repeat(1_000_000),
    '"'.repeat(1_000_001),
    '\\\n'.repeat(500_000),
    '['.repeat(500_000),
    '%a'.repeat(500_000),
  ]
  for (const text of texts) {
    const started = process.cpuUsage()
    lexInf(`[S]\nKey = ${text}`)
    assert.ok(process.cpuUsage(started).user < 2_000_000, text.slice(0, 4))
  }
})
