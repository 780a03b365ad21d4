import type { ApkCode } from '../findings.ts'

/** Why a signature does not verify. Never leaves this folder: it becomes a finding. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly code: ApkCode
  readonly detail: string
  readonly target: string | undefined

  constructor(code: ApkCode, detail: string, target?: string) {
    super(detail)
    this.code = code
    this.detail = detail
    this.target = target
  }
}

/** Something worth saying that does not decide. */
export interface Remark {
  readonly code: ApkCode
  readonly detail: string
  readonly target?: string
}
