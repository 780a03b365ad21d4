/** Everything the engine can refuse a caller with; HTTP is the store's business. */
export const errorCodes = [
  'unauthenticated',
  'forbidden',
  'not_found',
  'invalid',
  'conflict',
  'stale',
  'wrong_state',
  'too_large',
  'unsupported',
  'rate_limited',
  'timeout',
  'no_space',
  'internal',
] as const
export type EngineErrorCode = (typeof errorCodes)[number]

/** `target` names the field or thing it is about; `cause` is for the log, never for the client. */
export class EngineError extends Error {
  override readonly name = 'EngineError'
  readonly code: EngineErrorCode
  readonly target: string | undefined

  constructor(code: EngineErrorCode, message: string, options: { target?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.target = options.target
  }
}
