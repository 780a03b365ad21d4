import type { ApiError } from '../api/schema.ts'

/**
 * Why a request failed. Next to the codes of the API: `unreachable` when nobody answered at all (status 0), and
 * `unreadable` when what answered is not the API of Slipway.
 */
export type SlipwayErrorCode = ApiError['error']['code'] | 'unreachable' | 'unreadable'

/**
 * A request that was refused or got no answer.
 *
 * @example
 * try {
 *   await client.products.get('no-such-product')
 * } catch (error) {
 *   if (error instanceof SlipwayError && error.code === 'not_found') console.log('not there yet')
 *   else throw error
 * }
 */
export class SlipwayError extends Error {
  override readonly name = 'SlipwayError'
  readonly code: SlipwayErrorCode
  /** The HTTP status; 0 when there was no answer. */
  readonly status: number
  /** The member or thing it is about. */
  readonly target: string | undefined
  /** Finds the request in the log of the server. */
  readonly requestId: string | undefined

  constructor(
    code: SlipwayErrorCode,
    message: string,
    more: { status?: number; target?: string; requestId?: string; cause?: unknown } = {},
  ) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause })
    this.code = code
    this.status = more.status ?? 0
    this.target = more.target
    this.requestId = more.requestId
  }
}

/** What a refusal says; of an answer in another shape, that it is none of Slipway's. */
export async function refusalOf(response: Response): Promise<SlipwayError> {
  const { status } = response
  const body: unknown = await response.json().catch(() => undefined)
  if (!isApiError(body)) {
    const requestId = response.headers.get('x-request-id')
    return new SlipwayError('unreadable', `${response.url} answered ${status}, but not as Slipway does`, {
      status,
      ...(requestId === null ? {} : { requestId }),
    })
  }
  const { error, requestId } = body
  const target = error.target === undefined ? {} : { target: error.target }
  return new SlipwayError(error.code, error.message, { status, requestId, ...target })
}

function isApiError(body: unknown): body is ApiError {
  const { error } = (body ?? {}) as Partial<ApiError>
  return typeof error?.code === 'string' && typeof error.message === 'string'
}
