import { type Actor, type Engine, EngineError } from '../engine/index.ts'
import { actorOf } from './auth.ts'
import { type Api, operation } from './operation.ts'
import { pageOfAll } from './page.ts'
import {
  CreateCredential,
  Credential,
  CredentialPage,
  CredentialParams,
  NewCredential,
  NoQuery,
  PageQuery,
} from './schema.ts'
import { toWireCredential } from './wire.ts'

export function credentials(api: Api, engine: Engine): void {
  api.post(
    '/credentials',
    operation(
      {
        id: 'createCredential',
        tag: 'Credentials',
        summary: 'Make a credential',
        description:
          'The answer is the only one that shows the secret. To rotate a key, make a second credential with the `clientId` of the first: both are good until the first is revoked.',
        errors: ['forbidden', 'not_found', 'conflict'],
      },
      { querystring: NoQuery, body: CreateCredential, response: { 201: NewCredential } },
    ),
    async (request, reply) => {
      const actor = actorOf(request)
      const { accountId = actor.accountId, expiresAt, ...rest } = request.body
      requireEntitled(actor, accountId, rest.role)
      const { credential, secret } = await engine.createCredential({
        accountId,
        ...rest,
        ...(expiresAt === undefined ? {} : { expiresAt: Date.parse(expiresAt) }),
      })
      reply.header('cache-control', 'no-store')
      return reply.code(201).send({ ...toWireCredential(credential), secret })
    },
  )

  api.get(
    '/credentials',
    operation(
      {
        id: 'listCredentials',
        tag: 'Credentials',
        summary: 'List the account’s credentials, expired and revoked ones included',
        errors: ['not_found'],
      },
      { querystring: PageQuery, response: { 200: CredentialPage } },
    ),
    async (request) =>
      pageOfAll(request.query, await engine.listCredentials(actorOf(request)), toWireCredential),
  )

  api.delete(
    '/credentials/:credentialId',
    operation(
      {
        id: 'revokeCredential',
        tag: 'Credentials',
        summary: 'Revoke a credential',
        description: 'At once, with every token that was issued for it. Revoking it again changes nothing.',
        errors: ['not_found'],
      },
      { querystring: NoQuery, params: CredentialParams, response: { 200: Credential } },
    ),
    async (request) =>
      toWireCredential(await engine.revokeCredential(actorOf(request), request.params.credentialId)),
  )
}

/** Publishers hand out what they have themselves: their own account, as publishers. */
function requireEntitled(actor: Actor, accountId: string, role: CreateCredential['role']): void {
  if (actor.role === 'operator') return
  if (accountId !== actor.accountId) {
    throw new EngineError('forbidden', 'only an operator makes credentials for other accounts', {
      target: 'accountId',
    })
  }
  if (role === 'operator') {
    throw new EngineError('forbidden', 'only an operator makes operators', { target: 'role' })
  }
}
