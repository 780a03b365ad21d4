import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { suite, test } from 'node:test'
import type { RunReport } from '../../src/redirect/summary.ts'
import { zipRealExtension } from '../helpers/real-extension.ts'

const root = resolve(import.meta.dirname, '../..')
const page = await readFile(join(root, 'docs/run.md'), 'utf8')
const section = page.slice(page.indexOf('## A pipeline in ten lines'))
const recipe = /```sh\n([\s\S]*?)```/.exec(section)?.[1] ?? ''
const skip =
  process.platform === 'win32' || spawnSync('npx', ['--version']).error
    ? 'there is no sh or no npx: the recipe of docs/run.md is not checked'
    : false

/** A project as the recipe finds it: a client, an extension, a clone of Slipway. */
async function project(manifest: { readonly [key: string]: unknown } = {}): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-recipe-'))
  await symlink(root, join(folder, 'slipway'))
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
  await writeFile(join(folder, 'package.json'), '{"private":true}')
  await writeFile(join(folder, 'extension.zip'), await zipRealExtension(manifest))
  return folder
}

function rehearse(folder: string): { status: number | null; output: string } {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(SLIPWAY_|NODE_TEST|NODE_OPTIONS|EDGE_)/.test(name)),
  )
  const { status, stdout, stderr } = spawnSync('sh', ['-c', recipe], { cwd: folder, encoding: 'utf8', env })
  return { status, output: `${stdout}${stderr}` }
}

suite('the recipe of docs/run.md', { skip, timeout: 120_000 }, () => {
  test('passes for a sound extension', async (t) => {
    const folder = await project()
    t.after(() => rm(folder, { recursive: true, force: true }))
    const { status, output } = rehearse(folder)
    assert.equal(status, 0, output)
    const report = JSON.parse(await readFile(join(folder, 'report.json'), 'utf8')) as RunReport
    assert.equal(report.exitCode, 0)
    assert.deepEqual(
      report.operations.map(({ kind, status: ended }) => `${kind} ${ended}`),
      ['upload succeeded', 'publish succeeded'],
    )
  })

  test('stops at the inspection of an unsound one', async (t) => {
    const folder = await project({ key: 'abc' })
    t.after(() => rm(folder, { recursive: true, force: true }))
    const { status, output } = rehearse(folder)
    assert.equal(status, 1, output)
    assert.match(output, /The manifest shouldn't contain the key field\./)
    assert.doesNotMatch(output, /slipway run:/)
  })

  test('is short', () => {
    const lines = recipe.trimEnd().split('\n')
    assert.ok(lines.length <= 12 && lines.length >= 5, `${lines.length} lines`)
  })
})
