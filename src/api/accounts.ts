import type { Engine } from '../engine/index.ts'
import { actorOf, requireOperator } from './auth.ts'
import { type Api, operation } from './operation.ts'
import { page } from './page.ts'
import { Account, AccountPage, CreateAccount, NoQuery, PageQuery } from './schema.ts'
import { toWireAccount } from './wire.ts'

export function accounts(api: Api, engine: Engine): void {
  api.post(
    '/accounts',
    operation(
      {
        id: 'createAccount',
        tag: 'Accounts',
        summary: 'Open an account (operators)',
        errors: ['forbidden', 'conflict'],
      },
      { querystring: NoQuery, body: CreateAccount, response: { 201: Account } },
    ),
    async (request, reply) => {
      requireOperator(actorOf(request))
      const account = await engine.createAccount(request.body)
      return reply.code(201).send(toWireAccount(account))
    },
  )

  api.get(
    '/accounts',
    operation(
      {
        id: 'listAccounts',
        tag: 'Accounts',
        summary: 'List all accounts (operators)',
        errors: ['forbidden'],
      },
      { querystring: PageQuery, response: { 200: AccountPage } },
    ),
    async (request) => {
      requireOperator(actorOf(request))
      const { after = '', limit } = request.query
      return page(
        limit,
        (size) => engine.listAccounts({ after, limit: size }),
        (account) => account.id,
        toWireAccount,
      )
    },
  )
}
