import { applyDecorators } from '@nestjs/common';
import { Transform, type TransformFnParams } from 'class-transformer';
import { isEmail, ValidateBy, type ValidationArguments } from 'class-validator';
import { isCleanText, isPoisonedKey, isTooDeep, jsonFault, type JsonMember } from '../../common/index.js';
import { isPlainObject } from './json-shape.js';
import { limit, type LimitName } from './limits.js';

const METADATA_LEVELS = 8;

/** A string without NUL and without lone surrogates: it can be stored and sent unchanged. */
export function IsCleanText(): PropertyDecorator {
  return ValidateBy({
    name: 'isCleanText',
    validator: {
      validate: (value: unknown) => typeof value === 'string' && isCleanText(value),
      defaultMessage: () => 'must be a string without NUL characters or lone surrogates',
    },
  });
}

/** A text that is not only white space. Leaves other types to {@link IsCleanText}. */
export function IsNotBlank(): PropertyDecorator {
  return ValidateBy({
    name: 'isNotBlank',
    validator: {
      validate: (value: unknown) => typeof value !== 'string' || value.trim() !== '',
      defaultMessage: () => 'must not be blank',
    },
  });
}

/** A text of at most as many characters (code points) as a setting says. Leaves other types to {@link IsCleanText}. */
export function MaxChars(name: LimitName): PropertyDecorator {
  return ValidateBy({
    name: 'maxChars',
    validator: {
      validate: (value: unknown) => typeof value !== 'string' || !isLongerThan(value, limit(name)),
      defaultMessage: () => `must be at most ${limit(name)} characters long`,
    },
  });
}

/** A whole number within bounds, inclusive. */
export function IsIntBetween(min: number, max: number): PropertyDecorator {
  return ValidateBy({
    name: 'isIntBetween',
    validator: {
      validate: (value: unknown) => Number.isInteger(value) && Number(value) >= min && Number(value) <= max,
      defaultMessage: () => `must be a whole number from ${min} to ${max}`,
    },
  });
}

/** An email address. Checks the text first: the library's own rule throws at a lone surrogate. */
export function IsEmailAddress(): PropertyDecorator {
  return ValidateBy({
    name: 'isEmailAddress',
    validator: {
      validate: (value: unknown) => typeof value === 'string' && isCleanText(value) && isEmail(value),
      defaultMessage: () => 'must be an email address',
    },
  });
}

/** A JSON object supplied by the client: at most `METADATA_MAX_BYTES` and 8 levels, with keys that can be stored. */
export function IsMetadata(): PropertyDecorator {
  return applyDecorators(
    // The object as it was sent: class-transformer's copy lacks members that share a name with a method of `Object`.
    Transform(({ obj, key }: TransformFnParams): unknown => Reflect.get(obj as object, key)),
    ValidateBy({
      name: 'isMetadata',
      validator: {
        validate: (value: unknown) => metadataFault(value) === undefined,
        defaultMessage: (args?: ValidationArguments) => metadataFault(args?.value) ?? 'is invalid',
      },
    }),
  );
}

/** Any JSON object, as it was sent: its size is limited by the body's. What it must contain is for others to say. */
export function IsJsonObject(): PropertyDecorator {
  return applyDecorators(
    Transform(({ obj, key }: TransformFnParams): unknown => Reflect.get(obj as object, key)),
    ValidateBy({
      name: 'isJsonObject',
      validator: {
        validate: (value: unknown) => objectFault(value) === undefined,
        defaultMessage: (args?: ValidationArguments) => objectFault(args?.value) ?? 'is invalid',
      },
    }),
  );
}

/** For `@Transform`: plain decimal digits become a number; anything else stays and fails its number rule. */
export function decimal({ value }: Pick<TransformFnParams, 'value'>): unknown {
  return typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : (value as unknown);
}

/** What is wrong with a metadata object; `undefined` if nothing is. */
function metadataFault(value: unknown): string | undefined {
  if (!isPlainObject(value)) return 'must be a JSON object';
  const fault = jsonFault(value, memberFault);
  if (fault !== undefined) return fault;
  const bytes = limit('METADATA_MAX_BYTES');
  return Buffer.byteLength(JSON.stringify(value)) > bytes
    ? `must be at most ${bytes} bytes of JSON`
    : undefined;
}

function objectFault(value: unknown): string | undefined {
  return isPlainObject(value) ? jsonFault(value, contentFault) : 'must be a JSON object';
}

function memberFault(member: JsonMember): string | undefined {
  if (member.key?.startsWith('$')) return BAD_KEY;
  const fault = contentFault(member);
  if (fault !== undefined) return fault;
  return isTooDeep(member, METADATA_LEVELS) ? `must be at most ${METADATA_LEVELS} levels deep` : undefined;
}

const BAD_KEY = 'must not have keys that start with "$", contain NUL characters, or are reserved';

function contentFault({ key = '', value }: JsonMember): string | undefined {
  if (isPoisonedKey(key) || !isCleanText(key)) return BAD_KEY;
  if (typeof value === 'string' && !isCleanText(value))
    return 'must not contain NUL characters or lone surrogates';
  if (typeof value === 'number' && !Number.isFinite(value))
    return 'must contain only numbers that JSON can represent';
  return undefined;
}

/** Counts code points only if the cheaper count of code units does not decide. */
function isLongerThan(text: string, max: number): boolean {
  if (text.length <= max) return false;
  return text.length > 2 * max || Array.from(text).length > max;
}
