import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { imageSize } from 'image-size'
import type { TakenFile, WantedFile } from '../engine/store-spec.ts'
import type { Finding } from '../engine/types.ts'
import { ZipError } from '../formats/containers/zip-error.ts'
import { openFileReader } from '../formats/file-reader.ts'
import { inspect } from '../formats/index.ts'
import { stores } from '../stores/index.ts'
import { headOf, openFiles, type SubmissionFiles } from './submission-files.ts'

/** What a folder's document is called. */
const documentName = 'submission.json'

/**
 * `slipway inspect --store`: everything a submission would be refused for, before any commit.
 * @param paths the document and the ZIP or folder of its files, or a folder with both
 * @returns the exit code: 0 nothing is wrong, 1 something is, 2 something could not be read
 */
export async function inspectSubmission(
  storeName: string,
  paths: readonly string[],
  json: boolean,
): Promise<number> {
  const store = stores.find(({ spec }) => spec.store === storeName)
  if (!store?.preflight || !store.spec.intake) {
    const able = stores.filter(({ preflight }) => preflight).map(({ spec }) => spec.store)
    console.error(`'${storeName}' has no submission documents to look at; ${able.join(', ')} has`)
    return 2
  }
  try {
    const { document, files: path } = await located(paths)
    const read = store.preflight(JSON.parse(await readFile(document, 'utf8')))
    await using files = await openFiles(path)
    const found = await findingsOf(store.spec, read, files)
    console.log(json ? JSON.stringify({ file: document, ...found }) : describe(document, found.findings))
    return found.sound ? 0 : 1
  } catch (error) {
    console.error(`${paths.join(' ')}: cannot be read: ${(error as Error).message}`)
    return 2
  }
}

async function located(paths: readonly string[]): Promise<{ document: string; files: string | undefined }> {
  const [first = '', files, ...more] = paths
  if (more.length > 0) throw new Error('name the document and its ZIP or folder, nothing more')
  const isFolder = (await stat(first)).isDirectory()
  return isFolder
    ? { document: join(first, documentName), files: files ?? first }
    : { document: first, files }
}

type Spec = (typeof stores)[number]['spec']

async function findingsOf(
  spec: Spec,
  { content, findings }: ReturnType<NonNullable<(typeof stores)[number]['preflight']>>,
  files: SubmissionFiles,
): Promise<{ sound: boolean; findings: readonly Finding[] }> {
  const { intake } = spec
  if (!intake) return { sound: true, findings }
  const wanted = intake.wanted(content)
  const problem = wanted.length === 0 ? null : files.problem
  const taken = problem === null ? await takeAll(wanted, files) : []
  let ids = 0
  const mint = () => String(++ids)
  const whole = intake.taken(content, taken, problem, mint)
  // What is missing must not hide what is wrong with the rest.
  const there = taken.filter(({ found }) => found)
  const rest = intake.taken(content, there, problem, mint)
  const packages = there.flatMap((file) => file.package ?? [])
  const product = { ...nobodys, store: spec.store }
  const all = [
    ...findings,
    ...whole.findings,
    ...(there.length < taken.length ? rest.findings : []),
    ...packages.flatMap((pack) => pack.findings),
    ...spec.check({ product, content: rest.content, packages, live: null }),
  ]
  const shown = new Map(all.map((finding) => [JSON.stringify(finding), finding]))
  const list = [...shown.values()]
  return { sound: !list.some(({ severity }) => severity === 'error'), findings: list }
}

const nobodys = {
  id: '',
  accountId: '',
  kind: '',
  name: '',
  identity: null,
  parentId: null,
  data: {},
  createdAt: 0,
} as const

async function takeAll(wanted: readonly WantedFile[], files: SubmissionFiles): Promise<TakenFile[]> {
  const taken: TakenFile[] = []
  for (const file of wanted) taken.push(await take(file, files, taken.length))
  return taken
}

async function take({ name, as }: WantedFile, files: SubmissionFiles, index: number): Promise<TakenFile> {
  const path = await unpacked(name, files)
  if (path === undefined) return { name, found: false, size: 0, package: null, image: null }
  const { size } = await stat(path)
  const file = { name, found: true, size, package: null, image: null }
  if (as === 'image') return { ...file, image: imageOf(await headOf(path)) }
  if (as === 'file') return file
  await using reader = await openFileReader(path)
  const { format, sound, facts, findings } = await inspect(reader, { name })
  const named = findings.map((finding) => ({
    ...finding,
    target: finding.target === undefined ? name : `${name}!${finding.target}`,
  }))
  const times = { inspectedAt: 0, createdAt: 0, ordinal: 0 }
  const pack = { id: `package-${index}`, productId: '', fileName: name, blob: '', size, ...times }
  return { ...file, package: { ...pack, format, sound, facts, findings: named } }
}

/** An entry that can't be unpacked is as good as missing. */
async function unpacked(name: string, files: SubmissionFiles): Promise<string | undefined> {
  try {
    return await files.find(name)
  } catch (error) {
    if (error instanceof ZipError) return undefined
    throw error
  }
}

function imageOf(head: Uint8Array): TakenFile['image'] {
  try {
    const { width, height, type } = imageSize(head)
    return { width, height, type: type ?? 'unknown' }
  } catch {
    return null
  }
}

const marks = { error: 'x', warning: '!', notice: '-' }

function describe(document: string, findings: readonly Finding[]): string {
  const errors = findings.filter(({ severity }) => severity === 'error').length
  const verdict = errors === 0 ? 'nothing to refuse' : `WOULD BE REFUSED (${errors})`
  const lines = findings.map(
    ({ severity, code, message, target }) =>
      `  ${marks[severity]} ${severity} ${code}${target === undefined ? '' : ` [${target}]`}: ${message}`,
  )
  return [`${document}: ${verdict}`, ...lines].join('\n')
}
