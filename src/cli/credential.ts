import { Command, InvalidArgumentError, Option } from 'commander'
import type { Client, CreateCredential, Credential, NewCredential } from '../client/index.ts'
import { columns, fields, shortTime } from './columns.ts'
import { type ConnectionFlags, connect, withConnection, withUsageErrors } from './connection.ts'

interface MakeFlags extends ConnectionFlags {
  readonly label?: string
  readonly expires?: string
}

interface CreateFlags extends MakeFlags {
  readonly kind: CreateCredential['kind']
  readonly account?: string
  readonly clientId?: string
  readonly tenantId?: string
  readonly role?: 'publisher' | 'operator'
}

/** `slipway credential`: what clients prove themselves with. */
export function credentialCommand(): Command {
  const credential = withUsageErrors(new Command('credential'))
    .description('make, list, rotate and revoke what clients prove themselves with')
    .addHelpText(
      'after',
      `
Examples:
  slipway credential create --kind api_key --label 'release pipeline' --expires 90d
  slipway credential list
  slipway credential rotate 1f0c…      a second key for the same client
  slipway credential revoke 1f0c…      and the first one ends`,
    )

  withMaking(withConnection(credential.command('create')))
    .description('make a credential; its secret is shown this once')
    .addOption(
      new Option('--kind <kind>', 'client secret, API key, or token of the native API')
        .choices(['secret', 'api_key', 'token'])
        .makeOptionMandatory(),
    )
    .option('--account <id>', 'the account it acts for (operators); your own when left out')
    .option('--client-id <id>', 'an existing client id, or a new one; made when left out')
    .option('--tenant-id <id>', 'the directory of an Entra application')
    .addOption(new Option('--role <role>', 'an operator runs the server').choices(['publisher', 'operator']))
    .addHelpText(
      'after',
      `
Examples:
  slipway credential create --kind token --label 'my laptop' --expires 30d
  slipway credential create --kind secret --tenant-id 11111111-1111-1111-1111-111111111111
  export SLIPWAY_TOKEN=$(slipway credential create --kind token --json | jq -r .secret)`,
    )
    .action((flags: CreateFlags) => connect(flags, (client) => createCredential(client, flags)))

  withConnection(credential.command('list'))
    .description('list the credentials of the account, the oldest first')
    .addHelpText(
      'after',
      "\nExamples:\n  slipway credential list --json | jq -r 'select(.revokedAt == null) | .id'",
    )
    .action((flags: ConnectionFlags) => connect(flags, (client) => listCredentials(client, flags)))

  withConnection(credential.command('revoke'))
    .description('end a credential at once, with every token issued for it')
    .argument('<id>', 'the id of the credential, not its client id')
    .addHelpText('after', '\nExamples:\n  slipway credential revoke 1f0c2a7e-5d5c-4b7e-8f43-0d9a4f2b1c3d')
    .action((id: string, flags: ConnectionFlags) =>
      connect(flags, (client) => revokeCredential(client, id, flags)),
    )

  withMaking(withConnection(credential.command('rotate')))
    .description('make a second credential for the same client; the old one stays good until you revoke it')
    .argument('<id>', 'the id of the credential to rotate')
    .addHelpText(
      'after',
      '\nExamples:\n  slipway credential rotate 1f0c2a7e-5d5c-4b7e-8f43-0d9a4f2b1c3d --expires 90d',
    )
    .action((id: string, flags: MakeFlags) => connect(flags, (client) => rotateCredential(client, id, flags)))

  return credential
}

function withMaking(command: Command): Command {
  return command
    .option('--label <text>', 'what to call it')
    .option(
      '--expires <when>',
      'a time (2030-01-31T00:00:00Z) or a while (90d, 12h); never when left out',
      readExpiry,
    )
}

const whileUnits = { d: 86_400_000, h: 3_600_000 }

/** @throws InvalidArgumentError for what is neither a time nor a while */
function readExpiry(value: string): string {
  const match = /^(\d{1,5})([dh])$/.exec(value)
  const unit = match?.[2] as keyof typeof whileUnits | undefined
  if (unit !== undefined) return new Date(Date.now() + Number(match?.[1]) * whileUnits[unit]).toISOString()
  const time = /^\d{4}-\d\d-\d\d/.test(value) ? Date.parse(value) : Number.NaN
  if (Number.isNaN(time)) throw new InvalidArgumentError('Say 2030-01-31, 2030-01-31T12:00:00Z, 90d or 12h.')
  return new Date(time).toISOString()
}

async function createCredential(client: Client, flags: CreateFlags): Promise<void> {
  const { kind, account, clientId, tenantId, role, label, expires } = flags
  const made = await client.credentials.create({
    kind,
    ...(account === undefined ? {} : { accountId: account }),
    ...(clientId === undefined ? {} : { clientId }),
    ...(tenantId === undefined ? {} : { tenantId }),
    ...(role === undefined ? {} : { role }),
    ...(label === undefined ? {} : { label }),
    ...(expires === undefined ? {} : { expiresAt: expires }),
  })
  if (flags.json) console.log(JSON.stringify(made))
  else console.log(describe(made).join('\n'))
}

async function rotateCredential(client: Client, id: string, flags: MakeFlags): Promise<void> {
  const old = await find(client, id)
  if (!old) throw await noCredential(id)
  const { kind, clientId, tenantId, role, accountId } = old
  const made = await client.credentials.create({
    kind,
    clientId,
    role,
    accountId,
    label: flags.label ?? old.label,
    ...(tenantId === null ? {} : { tenantId }),
    ...(flags.expires === undefined ? {} : { expiresAt: flags.expires }),
  })
  if (flags.json) {
    console.log(JSON.stringify(made))
    return
  }
  console.log(describe(made).join('\n'))
  console.log(`The old one is good until you end it: slipway credential revoke ${id}`)
}

async function noCredential(id: string): Promise<Error> {
  const { SlipwayError } = await import('../client/index.ts')
  return new SlipwayError('not_found', `this account has no credential ${id}`, { status: 404 })
}

async function find(client: Client, id: string): Promise<Credential | undefined> {
  for await (const credential of client.credentials.list()) if (credential.id === id) return credential
  return undefined
}

async function listCredentials(client: Client, { json }: ConnectionFlags): Promise<void> {
  const rows: string[][] = []
  for await (const credential of client.credentials.list()) {
    if (json) console.log(JSON.stringify(credential))
    else rows.push(rowOf(credential))
  }
  if (!json)
    console.log(columns(['id', 'kind', 'client', 'role', 'label', 'state', 'until'], rows).join('\n'))
}

async function revokeCredential(client: Client, id: string, { json }: ConnectionFlags): Promise<void> {
  const revoked = await client.credentials.revoke(id)
  console.log(
    json ? JSON.stringify(revoked) : `${revoked.id} is revoked (${revoked.kind} of ${revoked.clientId})`,
  )
}

function describe({ id, kind, clientId, tenantId, role, secret, expiresAt }: NewCredential): string[] {
  return [
    ...fields({
      id,
      kind,
      client: clientId,
      ...(tenantId === null ? {} : { tenant: tenantId }),
      role,
      until: expiresAt === null ? 'revoked' : shortTime(expiresAt),
      secret,
    }),
    'Keep the secret now: the server keeps its hash only and cannot show it again.',
  ]
}

function rowOf({ id, kind, clientId, role, label, expiresAt, revokedAt }: Credential): string[] {
  const until = revokedAt ?? expiresAt
  return [id, kind, clientId, role, label, stateOf(expiresAt, revokedAt), shortTime(until)]
}

function stateOf(expiresAt: string | null, revokedAt: string | null): string {
  if (revokedAt !== null) return 'revoked'
  return expiresAt !== null && Date.parse(expiresAt) <= Date.now() ? 'expired' : 'good'
}
