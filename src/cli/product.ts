import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { Command } from 'commander'
import type { Client, Product, SubmissionDetails } from '../client/index.ts'
import { columns, fields, printable, shortTime } from './columns.ts'
import { type ConnectionFlags, connect, withConnection, withUsageErrors } from './connection.ts'

interface CreateFlags extends ConnectionFlags {
  readonly store: string
  readonly kind: string
  readonly id?: string
  readonly identity?: string
  readonly published?: string | true
}

/** `slipway product`: what an account publishes. */
export function productCommand(): Command {
  const product = withUsageErrors(new Command('product'))
    .description('reserve products, and see what became of them')
    .addHelpText(
      'after',
      `
Examples:
  slipway product list
  slipway product create 'Contoso notes' --store edge --kind extension --published
  slipway product show 33333333-3333-3333-3333-333333333333`,
    )

  withConnection(product.command('create'))
    .description('reserve a product for the account of the token')
    .argument('<name>', 'what it is called')
    .requiredOption('--store <store>', 'the store it belongs to, such as edge')
    .requiredOption('--kind <kind>', 'what it is in that store, such as extension')
    .option('--id <id>', 'the id its store knows it by; made when left out')
    .option(
      '--identity <identity>',
      'what its packages must claim to be; adopted from the first when left out',
    )
    .option(
      '--published [file]',
      'it has been published before, with the content in this JSON file (- reads it from stdin)',
    )
    .addHelpText(
      'after',
      `
Examples:
  slipway product create 'Contoso notes' --store edge --kind extension --published
  slipway product create Notes --store edge --kind extension --published content.json --json | jq -r .id`,
    )
    .action((name: string, flags: CreateFlags) => createProduct(name, flags, product))

  withConnection(product.command('list'))
    .description('list the products of the account')
    .option('--store <store>', 'only those of this store')
    .addHelpText(
      'after',
      '\nExamples:\n  slipway product list --store edge\n  slipway product list --json | jq -r .id',
    )
    .action((flags: ConnectionFlags & { store?: string }) =>
      connect(flags, (client) => listProducts(client, flags)),
    )

  withConnection(product.command('show'))
    .description('show a product and its submissions, the newest first')
    .argument('<id>', 'the id of the product')
    .addHelpText('after', '\nExamples:\n  slipway product show 33333333-3333-3333-3333-333333333333')
    .action((id: string, flags: ConnectionFlags) =>
      connect(flags, (client) => showProduct(client, id, flags)),
    )

  return product
}

async function createProduct(name: string, flags: CreateFlags, command: Command): Promise<void> {
  const { store, kind, id, identity } = flags
  const published = await contentOf(flags.published).catch((error: Error) =>
    command.error(`error: ${error.message}`),
  )
  await connect(flags, async (client) => {
    const product = await client.products.create({
      store,
      kind,
      name,
      ...(id === undefined ? {} : { id }),
      ...(identity === undefined ? {} : { identity }),
      ...(published === undefined ? {} : { published }),
    })
    console.log(flags.json ? JSON.stringify(product) : describe(product).join('\n'))
  })
}

/** @throws Error when the file cannot be read or holds no JSON object */
async function contentOf(file: string | true | undefined): Promise<{ [name: string]: unknown } | undefined> {
  if (file === undefined) return undefined
  if (file === true) return {}
  const content: unknown = JSON.parse(file === '-' ? await text(process.stdin) : await readFile(file, 'utf8'))
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw new Error(`${file} must hold a JSON object`)
  }
  return { ...content }
}

async function listProducts(client: Client, { store, json }: { store?: string; json?: true }): Promise<void> {
  const rows: string[][] = []
  for await (const product of client.products.list(store === undefined ? {} : { store })) {
    if (json) console.log(JSON.stringify(product))
    else rows.push([product.id, product.store, product.kind, product.name, product.identity ?? ''])
  }
  if (json) return
  if (rows.length > 0) console.log(columns(['id', 'store', 'kind', 'name', 'identity'], rows).join('\n'))
  else console.log('No products yet. `slipway product create --help` shows how to reserve one.')
}

async function showProduct(client: Client, id: string, { json }: ConnectionFlags): Promise<void> {
  const product = await client.products.get(id)
  const submissions = (await Array.fromAsync(client.submissions.list(id))).reverse()
  if (json) {
    console.log(JSON.stringify({ ...product, submissions }))
    return
  }
  console.log(describe(product).join('\n'))
  if (submissions.length === 0) return
  const titles = ['submission', 'step', 'phase', 'version', 'title', 'since']
  console.log(`\n${columns(titles, submissions.map(rowOf)).join('\n')}`)
  for (const { severity, code, message, target } of submissions[0]?.findings ?? []) {
    console.log(
      `\n${severity} ${code}${target === undefined ? '' : ` [${printable(target)}]`}: ${printable(message)}`,
    )
  }
}

function describe({ id, store, kind, name, identity, accountId, createdAt }: Product): string[] {
  return fields({ id, name, store, kind, identity, account: accountId, created: shortTime(createdAt) })
}

function rowOf({ id, step, phase, summary, stepAt }: SubmissionDetails): (string | null)[] {
  return [id, step, phase, summary.version, summary.title, shortTime(stepAt)]
}
