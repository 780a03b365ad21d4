import { ByteCursor } from '../byte-cursor.ts'
import { sdk } from '../manifest/sdk-version.ts'
import { Refusal, type Remark } from './refusal.ts'
import { latestSdk, readSigners, type SchemeSigner, wellFormed } from './scheme-signer.ts'

/** Names the newer scheme that must be there too (source.android.com, "APK Signature Scheme v3"). */
const strippingProtection = 0xbeeff00d

/**
 * Verifies the v2 block's signers for the API levels from `minSdk` on; the content is left to the caller.
 * @param hasV3 whether a v3 signature was found: a signer may say that it must be
 * @throws Refusal
 */
export function verifyV2(
  block: Uint8Array,
  minSdk: number,
  hasV3: boolean,
  remarks: Remark[],
): SchemeSigner[] {
  const range = { minSdk: Math.max(minSdk, sdk.nougat), maxSdk: latestSdk }
  const signers = readSigners('v2', block, range, remarks)
  for (const { title, attributes } of signers) {
    for (const { id, value } of attributes) {
      const scheme =
        id === strippingProtection ? wellFormed(title, () => new ByteCursor(value).i32()) : undefined
      if (scheme === 3 && !hasV3) {
        throw new Refusal(
          'apk-signature-stripped',
          'it was signed with scheme v3 too, which is not there',
          title,
        )
      }
      if (scheme !== 2 && scheme !== 3) {
        const what = scheme === undefined ? `an attribute ${id}` : `a protection for scheme ${scheme}`
        remarks.push({ code: 'apk-signature-unknown-part', detail: `it has ${what}`, target: title })
      }
    }
  }
  return signers
}
