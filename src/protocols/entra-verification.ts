import { hash } from 'node:crypto'
import type { JWTHeaderParameters } from 'jose'
import { JOSEError, JWTClaimValidationFailed, JWTExpired } from 'jose/errors'
import { jwtVerify } from 'jose/jwt/verify'
import { type Actor, type Engine, EngineError } from '../engine/index.ts'
import type { EntraAlgorithm, Keyring } from './entra-keys.ts'

/**
 * Seconds a token may be ahead of this clock: several processes issue, and clocks differ. Expiry has no such
 * grace, so that a client meets it exactly when `expires_in` said.
 */
const notBeforeGrace = 300

/** Tokens whose signature is remembered; about a megabyte. */
const rememberedTokens = 4096

/** Three parts of base64url and nothing else: the library would overlook blanks and padding. */
const compactToken = /^[\w-]+\.[\w-]+\.[\w-]+$/

/** What a token's signature vouches for. Times in seconds since 1970. */
interface Vouched {
  readonly keyId: string
  readonly audience: string
  readonly credentialId: string
  readonly notBefore: number
  readonly expiresAt: number
}

export type Verifier = (token: string | undefined, audiences: readonly string[]) => Promise<Actor>

/**
 * Verifies bearer tokens. Checking a signature is the slow part and is done once for each token; that its key and
 * its credential are still good is asked every time.
 */
export function openVerifier(
  engine: Pick<Engine, 'resume' | 'now'>,
  keyring: Keyring,
  algorithm: EntraAlgorithm,
): Verifier {
  const remembered = new Map<string, Vouched>()

  const vouch = async (token: string): Promise<Vouched> => {
    const name = hash('sha256', token, 'base64')
    const known = remembered.get(name)
    remembered.delete(name)
    const vouched = known ?? (await checkSignature(keyring, algorithm, token, engine.now()))
    if (!(await keyring.find(vouched.keyId))) throw refused('malformed', 'the key of the token was retired')
    checkTimes(vouched, engine.now() / 1000)
    remember(remembered, name, vouched)
    return vouched
  }

  return async (token, audiences) => {
    if (!token) throw refused('missing', 'no bearer token')
    const { audience, credentialId } = await vouch(token)
    if (!audiences.includes(audience)) throw refused('audience', `the token is for ${audience}`)
    return resume(engine, credentialId)
  }
}

async function checkSignature(
  keyring: Keyring,
  algorithm: EntraAlgorithm,
  token: string,
  now: number,
): Promise<Vouched> {
  if (!compactToken.test(token)) throw refused('malformed', 'not a signed token')
  const keyOf = async ({ kid }: JWTHeaderParameters) => {
    const key = typeof kid === 'string' ? await keyring.find(kid) : undefined
    if (!key) throw refused('malformed', 'the token names no key of this server')
    return key.verifying
  }
  try {
    const { payload, protectedHeader } = await jwtVerify(token, keyOf, {
      algorithms: [algorithm],
      typ: 'JWT',
      currentDate: new Date(now),
      clockTolerance: notBeforeGrace,
      requiredClaims: ['aud', 'nbf', 'exp', 'credential'],
    })
    const { aud, nbf, exp, credential } = payload
    const { kid } = protectedHeader
    if (typeof aud !== 'string' || typeof credential !== 'string' || !nbf || !exp || !kid) {
      throw refused('malformed', 'the token lacks a claim')
    }
    return { keyId: kid, audience: aud, credentialId: credential, notBefore: nbf, expiresAt: exp }
  } catch (cause) {
    if (cause instanceof JWTExpired) throw refused('expired', 'the token expired', cause)
    if (cause instanceof JWTClaimValidationFailed && cause.claim === 'nbf') {
      throw refused('expired', 'the token is not valid yet', cause)
    }
    if (cause instanceof JOSEError) throw refused('malformed', 'not a token of this server', cause)
    throw cause
  }
}

/** A token from the future is answered like an expired one: in both cases the client needs a new one. */
function checkTimes({ notBefore, expiresAt }: Vouched, now: number): void {
  if (now >= expiresAt) throw refused('expired', 'the token expired')
  if (now < notBefore - notBeforeGrace) throw refused('expired', 'the token is not valid yet')
}

/** Puts it last and forgets the one that was not used for longest. */
function remember(remembered: Map<string, Vouched>, name: string, vouched: Vouched): void {
  remembered.set(name, vouched)
  if (remembered.size <= rememberedTokens) return
  for (const oldest of remembered.keys()) {
    remembered.delete(oldest)
    return
  }
}

async function resume(engine: Pick<Engine, 'resume'>, credentialId: string): Promise<Actor> {
  try {
    return await engine.resume(credentialId)
  } catch (cause) {
    if (!(cause instanceof EngineError) || cause.code !== 'unauthenticated') throw cause
    throw refused('credential', cause.message, cause)
  }
}

type Target = 'missing' | 'malformed' | 'expired' | 'audience' | 'credential'

function refused(target: Target, message: string, cause?: unknown): EngineError {
  return new EngineError('unauthenticated', message, { target, cause })
}
