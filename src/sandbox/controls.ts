import { actorOf, requireOperator } from '../api/auth.ts'
import { anyObject, input, integer, list, nothing, output, text, time } from '../api/json-schema.ts'
import { type Api, operation } from '../api/operation.ts'
import { NoQuery } from '../api/schema.ts'
import { EngineError } from '../engine/index.ts'
import type { SandboxClock } from './clock.ts'
import type { Fault, FaultNames, Faults } from './faults.ts'
import { faultCheck } from './read-faults.ts'

export interface Controls {
  readonly faults: Faults
  readonly clock: SandboxClock
  readonly names: FaultNames
}

const FaultBody = input(
  {
    match: anyObject({ description: 'Which requests or work; docs/faults.md lists the members.' }),
    effect: anyObject({ description: 'What goes wrong; docs/faults.md lists the kinds.' }),
  },
  {},
  { description: 'A fault to arm.' },
)
const ArmedFault = output(
  {
    id: text({ description: 'Its id, to remove it by.' }),
    match: anyObject({ description: 'Which requests or work it is for.' }),
    effect: anyObject({ description: 'What goes wrong.' }),
    matched: integer({ minimum: 0, description: 'How often it matched.' }),
    struck: integer({ minimum: 0, description: 'How often it struck.' }),
  },
  { description: 'A fault that is armed.' },
)
const FaultList = output(
  { items: list(ArmedFault) },
  { description: 'The faults, in the order they are tried.' },
)
const FaultParams = input({ faultId: text({ minLength: 1, maxLength: 100, description: 'The fault.' }) }, {})
const Advance = input(
  { advanceMs: integer({ minimum: 0, description: 'Milliseconds to move time on by.' }) },
  {},
  { description: 'How far to move time on.' },
)
const Now = output(
  { now: time({ description: 'What time it is for the sandbox.' }) },
  { description: 'The time.' },
)

/** The native API's routes that exist in a sandbox only: faults and the clock. Operators use them. */
export function sandboxControls(api: Api, { faults, clock, names }: Controls): void {
  const checkFault = faultCheck(names)
  const errors = ['forbidden'] as const
  api.get(
    '/faults',
    operation(
      { id: 'listFaults', tag: 'Sandbox', summary: 'List the faults that are armed', errors },
      { querystring: NoQuery, response: { 200: FaultList } },
    ),
    async (request) => {
      requireOperator(actorOf(request))
      return { items: faults.list() as never[] }
    },
  )

  api.post(
    '/faults',
    operation(
      { id: 'addFault', tag: 'Sandbox', summary: 'Make something go wrong', errors },
      { querystring: NoQuery, body: FaultBody, response: { 201: ArmedFault } },
    ),
    async (request, reply) => {
      requireOperator(actorOf(request))
      const problems = checkFault(request.body, 'the fault')
      if (problems.length > 0) throw new EngineError('invalid', problems.join('; '), { target: 'body' })
      const fault = faults.add(request.body as unknown as Omit<Fault, 'id'>)
      return reply.code(201).send({ ...fault, matched: 0, struck: 0 } as never)
    },
  )

  api.delete(
    '/faults/:faultId',
    operation(
      { id: 'removeFault', tag: 'Sandbox', summary: 'Disarm a fault', errors: ['forbidden', 'not_found'] },
      {
        querystring: NoQuery,
        params: FaultParams,
        response: { 204: nothing({ description: 'It is disarmed.' }) },
      },
    ),
    async (request, reply) => {
      requireOperator(actorOf(request))
      if (!faults.remove(request.params.faultId)) throw new EngineError('not_found', 'no such fault')
      return reply.code(204).send(null)
    },
  )

  api.get(
    '/clock',
    operation(
      { id: 'getClock', tag: 'Sandbox', summary: 'Ask what time it is for the sandbox', errors },
      { querystring: NoQuery, response: { 200: Now } },
    ),
    async (request) => {
      requireOperator(actorOf(request))
      return { now: new Date(clock.now()).toISOString() }
    },
  )

  api.post(
    '/clock',
    operation(
      {
        id: 'advanceClock',
        tag: 'Sandbox',
        summary: 'Move time on',
        description: 'Reviews, release dates and expiries that fall due by that are met at once.',
        errors,
      },
      { querystring: NoQuery, body: Advance, response: { 200: Now } },
    ),
    async (request) => {
      requireOperator(actorOf(request))
      clock.advance(request.body.advanceMs)
      return { now: new Date(clock.now()).toISOString() }
    },
  )
}
