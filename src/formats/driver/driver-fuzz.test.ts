import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildCab } from '../../../test/helpers/cab-builder.ts'
import { makeSigner, signCab } from '../../../test/helpers/cab-signer.ts'
import { buildInf, driverFolder } from '../../../test/helpers/inf-builder.ts'
import { bytesReader } from '../bytes-reader.ts'
import { driver } from './index.ts'

function random(seed: number) {
  let state = seed >>> 0
  return (below: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

/** Every inspection is one: of this format, with a verdict that its findings bear out, within the time. */
async function inspect(bytes: Uint8Array, round: number) {
  // Processor time: what other processes do meanwhile is not this one's fault.
  const started = process.cpuUsage()
  const inspection = await driver.inspect(bytesReader(bytes))
  assert.ok(process.cpuUsage(started).user < 2_000_000, `round ${round} is slow`)
  assert.equal(inspection.format, 'driver')
  assert.equal(
    inspection.sound,
    inspection.findings.every(({ severity }) => severity !== 'error'),
  )
  return inspection
}

test('mutated signed cabinets always give an inspection, and hardly ever a sound one', async () => {
  const folders = { ...driverFolder('A', 'a'), ...driverFolder('B', 'b') }
  const files = Object.entries(folders).map(([name, data]) => ({ name, data }))
  const { bytes } = buildCab(
    [{ compression: 'mszip', files: files.slice(0, 3) }, { files: files.slice(3) }],
    {
      withoutChecksums: true,
    },
  )
  const original = signCab(bytes, await makeSigner())
  assert.equal((await inspect(original, -1)).sound, true)
  const next = random(7)
  for (let round = 0; round < 120; round += 1) {
    const mutated = Buffer.from(original)
    const at = next(next(2) === 0 ? mutated.length : 120)
    mutated[at] = (mutated[at] ?? 0) ^ (1 + next(255))
    const { sound, findings } = await inspect(mutated, round)
    // Outside the digest: the header's checksum field (4–7), the reserved bytes (40–55), and within the signature
    // what nothing signs, such as its time-stamp.
    const isSigned = at < 4 || (at >= 8 && at < 34) || (at >= 56 && at < original.readUInt32LE(44))
    if (isSigned) assert.equal(sound, false, `byte ${at}: ${findings.map(({ code }) => code)}`)
  }
})

test('mutated INF files always give an inspection', async () => {
  const original = buildInf('echo', {
    targets: ['NTamd64', 'NTarm64'],
    extra: '[Strings.0409]\nDevice = "English"',
  })
  const tokens = [
    '[',
    ']',
    '%',
    '"',
    '\\\r\n',
    ',',
    '=',
    ';',
    '\u0000',
    '\u001a',
    '%Device%',
    '[Strings]\r\n',
    '\ufeff',
    'é'.repeat(50),
  ]
  const next = random(11)
  for (let round = 0; round < 400; round += 1) {
    let text = original
    for (let change = 1 + next(8); change > 0; change -= 1) {
      const at = next(text.length)
      const inserted = tokens[next(tokens.length)] ?? ''
      text = `${text.slice(0, at)}${inserted}${text.slice(at + next(20))}`
    }
    const encoded = Buffer.from(text, next(3) === 0 ? 'utf16le' : next(2) === 0 ? 'latin1' : 'utf8')
    const cab = buildCab([{ files: [{ name: 'Echo\\echo.inf', data: encoded }] }])
    await inspect(cab.bytes, round)
  }
})

test('hostile INF files are judged in time and give small inspections', async () => {
  const many = (count: number, line: (i: number) => string) =>
    Array.from({ length: count }, (_, i) => line(i)).join('\n')
  const hostile = [
    `[Manufacturer]\n${many(50_000, (i) => `%M${i}% = S${i},NTamd64,NTarm64,NTx86`)}`,
    `[Manufacturer]\nM=S\n[S]\n${many(50_000, (i) => `D = I${i}, H${i}`)}\n${many(20_000, (i) => `[I${i}]\nCopyFiles=F${i}`)}`,
    `[Manufacturer]\nM=S\n[S]\nD=I,H\n[I]\nCopyFiles=${many(20_000, (i) => `F${i},\\`)}\n${many(20_000, (i) => `[F${i}]\na${i},b`)}`,
    many(100_000, (i) => `[${'a.'.repeat(20)}${i}]`),
    `[Strings]\nA="${'x'.repeat(4000)}"\n[Manufacturer]\nM=S\n[S]\n${many(20_000, () => '%A%%A%=%A%,%A%,%A%')}`,
    `[SourceDisksFiles]\n${many(100_000, (i) => `f${i}=1,${'d\\'.repeat(10)}`)}`,
  ]
  for (const [round, text] of hostile.entries()) {
    const cab = buildCab([{ compression: 'mszip', files: [{ name: 'Echo\\echo.inf', data: text }] }])
    const inspection = await inspect(cab.bytes, round)
    assert.ok(JSON.stringify(inspection).length < 12_000_000, `round ${round}`)
  }
})
