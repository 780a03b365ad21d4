import type { EngineError, EngineErrorCode } from '../engine/index.ts'

/** What the blob service answers instead of what was asked for. */
export class BlobRefusal extends Error {
  override readonly name = 'BlobRefusal'
  readonly status: number
  /** The service's own code, also sent as `x-ms-error-code`. */
  readonly code: string
  /** Elements of the answer behind the message, in order. */
  readonly details: Readonly<Record<string, string>>

  constructor(
    status: number,
    code: string,
    message: string,
    details: Readonly<Record<string, string>> = {},
    cause?: unknown,
  ) {
    super(message, cause === undefined ? undefined : { cause })
    this.status = status
    this.code = code
    this.details = details
  }
}

/** The service's codes and words, as its REST reference and its own answers have them. */
export const refusals = {
  unauthenticated: (detail: string) =>
    new BlobRefusal(
      403,
      'AuthenticationFailed',
      'Server failed to authenticate the request. Make sure the value of Authorization header is formed ' +
        'correctly including the signature.',
      { AuthenticationErrorDetail: detail },
    ),
  permissionMismatch: () =>
    new BlobRefusal(
      403,
      'AuthorizationPermissionMismatch',
      'This request is not authorized to perform this operation using this permission.',
    ),
  blobNotFound: (cause?: unknown) =>
    new BlobRefusal(404, 'BlobNotFound', 'The specified blob does not exist.', {}, cause),
  blobExists: (cause?: unknown) =>
    new BlobRefusal(409, 'BlobAlreadyExists', 'The specified blob already exists.', {}, cause),
  conditionNotMet: () =>
    new BlobRefusal(
      412,
      'ConditionNotMet',
      'The condition specified using HTTP conditional header(s) is not met.',
    ),
  invalidRange: () =>
    new BlobRefusal(
      416,
      'InvalidRange',
      'The range specified is invalid for the current size of the resource.',
    ),
  missingHeader: (name: string) =>
    new BlobRefusal(
      400,
      'MissingRequiredHeader',
      "An HTTP header that's mandatory for this request is not specified.",
      { HeaderName: name },
    ),
  invalidHeader: (name: string, value: string) =>
    new BlobRefusal(
      400,
      'InvalidHeaderValue',
      'The value for one of the HTTP headers is not in the correct format.',
      { HeaderName: name, HeaderValue: value },
    ),
  unsupportedHeader: (name: string, value: string) =>
    new BlobRefusal(
      400,
      'UnsupportedHeader',
      'One of the HTTP headers specified in the request is not supported.',
      { HeaderName: name, HeaderValue: value },
    ),
  missingParameter: (name: string) =>
    new BlobRefusal(
      400,
      'MissingRequiredQueryParameter',
      "A query parameter that's mandatory for this request is not specified.",
      { QueryParameterName: name },
    ),
  invalidParameter: (name: string, value: string, reason: string) =>
    new BlobRefusal(
      400,
      'InvalidQueryParameterValue',
      'Value for one of the query parameters specified in the request URI is invalid.',
      { QueryParameterName: name, QueryParameterValue: value, Reason: reason },
    ),
  invalidBlockId: () =>
    new BlobRefusal(
      400,
      'InvalidBlockId',
      'The specified block ID is invalid. The block ID must be Base64-encoded and at most 64 bytes long.',
    ),
  invalidBlockList: (cause?: unknown) =>
    new BlobRefusal(400, 'InvalidBlockList', 'The specified block list is invalid.', {}, cause),
  blockListTooLong: () =>
    new BlobRefusal(400, 'BlockListTooLong', 'The block list may not contain more than 50,000 blocks.'),
  invalidXml: (reason: string) =>
    new BlobRefusal(400, 'InvalidXmlDocument', 'XML specified is not syntactically valid.', {
      Reason: reason,
    }),
  unsupportedXmlNode: (name: string) =>
    new BlobRefusal(
      400,
      'UnsupportedXmlNode',
      'One of the XML nodes specified in the request body is not supported.',
      { XmlNodeName: name },
    ),
  invalidMd5: () =>
    new BlobRefusal(
      400,
      'InvalidMd5',
      'The MD5 value specified in the request is invalid. MD5 value must be 128 bits and base64 encoded.',
    ),
  md5Mismatch: (sent: string, calculated: string) =>
    new BlobRefusal(
      400,
      'Md5Mismatch',
      'The MD5 value specified in the request did not match with the MD5 value calculated by the server.',
      { UserSpecifiedMd5: sent, ServerCalculatedMd5: calculated },
    ),
  crc64Mismatch: (sent: string, calculated: string) =>
    new BlobRefusal(
      400,
      'Crc64Mismatch',
      'The CRC64 value specified in the request did not match with the CRC64 value calculated by the server.',
      { UserSpecifiedCrc64: sent, ServerCalculatedCrc64: calculated },
    ),
  missingLength: () =>
    new BlobRefusal(411, 'MissingContentLengthHeader', 'Content-Length HTTP header is missing.', {
      HeaderName: 'Content-Length',
    }),
  bodyTooLarge: (maxBytes?: number, cause?: unknown) =>
    new BlobRefusal(
      413,
      'RequestBodyTooLarge',
      'The request body is too large and exceeds the maximum permissible limit.',
      maxBytes === undefined ? {} : { MaxLimit: String(maxBytes) },
      cause,
    ),
  unsupportedVerb: () =>
    new BlobRefusal(405, 'UnsupportedHttpVerb', "The resource doesn't support the specified HTTP verb."),
  invalidInput: (cause: unknown) =>
    new BlobRefusal(400, 'InvalidInput', 'One of the request inputs is not valid.', {}, cause),
}

/** What the engine refuses, in the service's words. */
const byEngineCode: Record<EngineErrorCode, (error: EngineError) => BlobRefusal> = {
  unauthenticated: () => refusals.unauthenticated('Signature did not match.'),
  forbidden: refusals.permissionMismatch,
  not_found: refusals.blobNotFound,
  invalid: (error) =>
    error.target === 'block' ? refusals.invalidBlockList(error) : refusals.invalidInput(error),
  conflict: refusals.blobExists,
  stale: refusals.conditionNotMet,
  wrong_state: refusals.blobExists,
  unsupported: refusals.invalidInput,
  too_large: (error) => refusals.bodyTooLarge(undefined, error),
  rate_limited: busy,
  // What the service says when a body stands still; its clients send the request again.
  timeout: (error) =>
    new BlobRefusal(
      500,
      'OperationTimedOut',
      'Operation could not be completed within the specified time.',
      {},
      error,
    ),
  no_space: busy,
  internal,
}

export function refusalOfEngine(error: EngineError): BlobRefusal {
  return byEngineCode[error.code](error)
}

/** Says nothing of what went wrong; that belongs in the log. */
export function internal(cause: unknown): BlobRefusal {
  return new BlobRefusal(
    500,
    'InternalError',
    'Server encountered an internal error. Please try again after some time.',
    {},
    cause,
  )
}

function busy(cause: unknown): BlobRefusal {
  return new BlobRefusal(503, 'ServerBusy', 'The server is busy.', {}, cause)
}
