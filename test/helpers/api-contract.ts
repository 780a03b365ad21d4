import assert from 'node:assert/strict'
import Schema from 'typebox/schema'

interface Node {
  readonly [key: string]: unknown
}

export interface OpenApi {
  readonly openapi: string
  readonly paths: { readonly [path: string]: { readonly [method: string]: Operation } }
  readonly components: { readonly schemas: { readonly [name: string]: Node } }
  readonly [key: string]: unknown
}

export interface Operation {
  readonly operationId: string
  readonly summary: string
  readonly tags: readonly string[]
  readonly parameters: readonly { name: string; in: string; required: boolean; schema: Node }[]
  readonly requestBody?: { readonly content: { readonly [type: string]: { schema: Node } } }
  readonly responses: {
    readonly [status: string]: {
      readonly description: string
      readonly content?: { readonly [type: string]: { schema: Node } }
      readonly headers?: { readonly [name: string]: unknown }
    }
  }
}

/**
 * Holds answers against the OpenAPI document: the status must be documented, and the body must have exactly the
 * documented members. TypeBox judges, which the server itself does not use at run time.
 * @returns the operation; undefined for a path that is not in the document
 */
export function assertDocumented(
  document: OpenApi,
  method: string,
  path: string,
  answer: { status: number; json: unknown; text: string },
): string | undefined {
  const [plain = ''] = path.split('?')
  const template = Object.keys(document.paths).find((known) => matches(known, plain))
  const operation = document.paths[template ?? '']?.[method.toLowerCase()]
  if (!operation) return undefined
  const said = `${method} ${template} answered ${answer.status}`
  const response = operation.responses[String(answer.status)]
  assert.ok(response, `${said}, which is not documented`)
  const schema = response.content?.['application/json']?.schema
  if (!schema) assert.equal(answer.text, '', `${said} with a body that is not documented`)
  else {
    const [, errors] = Schema.Errors(exactly(document, schema), answer.json)
    assert.deepEqual(errors, [], `${said} with ${answer.text}`)
  }
  return operation.operationId
}

/** The schema without references, closed wherever it lists members. */
export function exactly(document: OpenApi, schema: unknown): Node {
  const close = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(close)
    if (typeof node !== 'object' || node === null) return node
    const { $ref, ...rest } = node as Node
    if (typeof $ref === 'string') return close(document.components.schemas[$ref.split('/').at(-1) ?? ''])
    const closed = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, close(value)]))
    return 'properties' in closed ? { ...closed, additionalProperties: false } : closed
  }
  return close(schema) as Node
}

function matches(template: string, path: string): boolean {
  const wanted = template.split('/')
  const given = path.split('/')
  return (
    wanted.length === given.length && wanted.every((part, at) => part.startsWith('{') || part === given[at])
  )
}
