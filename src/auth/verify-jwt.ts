import { errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey, type JWTVerifyOptions } from 'jose';
import { AppError } from '../common/index.js';

/** How a token is checked. */
export interface JwtRules extends JWTVerifyOptions {
  /** Never `none`. */
  algorithms: string[];
  currentDate: Date;
}

/** The claims of a token that is good; `exp` and `sub` are there. */
export type GoodClaims = JWTPayload & { exp: number; sub: string };

type Key = Uint8Array | JWTVerifyGetKey;

/**
 * Verifies a signed token.
 * @throws AppError 401 `token_expired`, `token_invalid`; and what the key's source throws.
 */
export async function verifyJwt(token: string, key: Key, rules: JwtRules): Promise<GoodClaims> {
  const options = { ...rules, requiredClaims: ['exp', 'sub'] };
  try {
    return (await verified(token, key, options)) as GoodClaims;
  } catch (error) {
    throw toAppError(error);
  }
}

async function verified(token: string, key: Key, options: JWTVerifyOptions): Promise<JWTPayload> {
  if (typeof key !== 'function') return (await jwtVerify(token, key, options)).payload;
  try {
    return (await jwtVerify(token, key, options)).payload;
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
    return await anyOf(error, token, options);
  }
}

/** A token that does not name its key, and several that fit. */
async function anyOf(
  keys: errors.JWKSMultipleMatchingKeys,
  token: string,
  options: JWTVerifyOptions,
): Promise<JWTPayload> {
  for await (const key of keys) {
    try {
      return (await jwtVerify(token, key, options)).payload;
    } catch (error) {
      if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw error;
    }
  }
  throw new errors.JWSSignatureVerificationFailed();
}

const REASONS: Readonly<Record<string, string>> = {
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: 'its signature is wrong',
  ERR_JOSE_ALG_NOT_ALLOWED: 'its algorithm is not allowed',
  ERR_JWKS_NO_MATCHING_KEY: 'the identity provider has no such key',
};

/** Nothing of the token is repeated. */
function toAppError(error: unknown): AppError {
  if (isAppError(error)) return error;
  if (error instanceof errors.JWTExpired) return new AppError('token_expired').causedBy(error);
  const why =
    error instanceof errors.JWTClaimValidationFailed
      ? `its claim "${error.claim}" is ${error.reason === 'missing' ? 'missing' : 'wrong'}`
      : (REASONS[error instanceof errors.JOSEError ? error.code : ''] ?? 'it is not a signed JSON Web Token');
  return new AppError('token_invalid', { why }).causedBy(error);
}

/** `instanceof` alone would lose the codes. */
const isAppError = (error: unknown): error is AppError => error instanceof AppError;
