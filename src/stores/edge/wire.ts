import type { Finding, Operation, OperationKind, Refusal } from '../../engine/index.ts'

/** The operation resource; the order of the members is part of it (edge-addons.md section 2, 6-22). */
export interface WireOperation {
  readonly id: string
  readonly createdTime: string
  readonly lastUpdatedTime: string
  readonly status: 'InProgress' | 'Succeeded' | 'Failed'
  readonly message: string | null
  readonly errorCode: string | null
  readonly errors: readonly { readonly message: string }[] | null
}

/** An unexpected failure of a publish operation has no status at all. */
export interface WireUnexpected {
  readonly id: string
  readonly message: string
}

export function toWireOperation(operation: Operation): WireOperation | WireUnexpected {
  const times = {
    id: operation.id,
    createdTime: toWireTime(operation.createdAt),
    lastUpdatedTime: toWireTime(operation.updatedAt),
  }
  if (operation.status === 'in_progress') {
    return { ...times, status: 'InProgress', message: null, errorCode: null, errors: null }
  }
  if (operation.status === 'succeeded') {
    return { ...times, status: 'Succeeded', message: successMessage(operation), errorCode: '', errors: null }
  }
  if (operation.refusal === 'unexpected' && operation.kind === 'publish') {
    return {
      id: operation.id,
      message: `An error occurred while processing the request. Please contact support Correlation ID: ${operation.id} Timestamp: ${times.lastUpdatedTime}`,
    }
  }
  return { ...times, status: 'Failed', ...failure(operation.refusal ?? 'broken', operation.findings) }
}

const successMessages: Partial<Record<OperationKind, (operation: Operation) => string>> = {
  upload: () => 'Successfully updated package to package.zip',
  publish: (operation) => `Successfully created submission with ID ${operation.submissionId}`,
}

function successMessage(operation: Operation): string {
  return successMessages[operation.kind]?.(operation) ?? ''
}

type Failure = Pick<WireOperation, 'message' | 'errorCode' | 'errors'>

const irrecoverable: Failure = {
  message: 'An error occurred while performing the operation',
  errorCode: null,
  errors: null,
}

/** The documented texts of edge-addons.md 2.2; that of an invalid package is not public (INFERRED). */
const failures: Record<Refusal, Failure> = {
  never_published: { message: "Can't create new extension.", errorCode: 'CreateNotAllowed', errors: null },
  nothing_changed: {
    message:
      "Can't publish extension since there are no updates, please try again after updating the package.",
    errorCode: 'NoModulesUpdated',
    errors: null,
  },
  submission_in_progress: {
    message: "Can't publish extension as your extension submission is in progress. Please try again later.",
    errorCode: 'InProgressSubmission',
    errors: null,
  },
  unpublishing: {
    message:
      "Can't publish extension as your extension is being unpublished. Please try after you've unpublished.",
    errorCode: 'UnpublishInProgress',
    errors: null,
  },
  modules_invalid: {
    message:
      "Can't publish extension as your extension has modules that are not valid. Fix the modules with errors and try to publish again.",
    errorCode: 'ModuleStateUnPublishable',
    errors: [],
  },
  submission_invalid: {
    message:
      "Extension can't be published as there are submission validation failures. Fix these errors and try again later.",
    errorCode: 'SubmissionValidationError',
    errors: [],
  },
  package_invalid: {
    message: 'The package failed validation. Fix these errors and upload it again.',
    errorCode: 'PackageValidationError',
    errors: [],
  },
  broken: irrecoverable,
  unexpected: irrecoverable,
}

/** Errors are objects, never strings: typed clients read `message` of each (edge-addons.md 6-16). */
function failure(refusal: Refusal, findings: readonly Finding[]): Failure {
  const { message, errorCode, errors } = failures[refusal]
  if (errors === null) return { message, errorCode, errors }
  const refusing = findings.filter((finding) => finding.severity === 'error')
  if (refusal !== 'modules_invalid') {
    return { message, errorCode, errors: refusing.map((finding) => ({ message: finding.message })) }
  }
  const modules = [...new Set(refusing.flatMap((finding) => (isModule(finding) ? [finding.target] : [])))]
  return { message, errorCode, errors: [{ message: `Invalid module : ${modules.join(', ')}` }] }
}

function isModule(finding: Finding): boolean {
  return finding.code.startsWith('edge-module-')
}

/** ISO 8601 in UTC with seven fractional digits, as the service writes it. */
export function toWireTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace('Z', '0000Z')
}
