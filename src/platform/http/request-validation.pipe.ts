import { Injectable, ValidationPipe, type ArgumentMetadata, type ValidationError } from '@nestjs/common';
import { validateSync, type ValidatorOptions } from 'class-validator';
import { AppError, type FieldError } from '../../common/index.js';
import { shapeErrors, shownKey } from './json-shape.js';
import { withinLimits, type Limits } from './limits.js';
import { ignoresUnknownFields } from './unknown-fields.decorator.js';

const MOST_ERRORS = 50;

/**
 * Checks bodies and queries against the rules of their DTO. Unknown fields are rejected, nothing is converted
 * silently, and everything that is wrong becomes one 400 `validation_failed` that names the fields.
 */
@Injectable()
export class RequestValidationPipe extends ValidationPipe {
  /** @param limits of the application that receives the requests. */
  constructor(private readonly limits: Limits) {
    super({
      whitelist: true,
      forbidNonWhitelisted: true,
      transform: true,
      forbidUnknownValues: true,
      exceptionFactory: (errors) => validationFailed(flatten(errors)),
    });
  }

  override async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    if (!this.toValidate(metadata)) return value;
    const given = value === undefined ? {} : value;
    const faults = shapeErrors(given, metadata.type);
    if (faults.length > 0) throw validationFailed(faults);
    return super.transform(given, metadata);
  }

  /** All rules are synchronous. */
  protected override validate(object: object, options?: ValidatorOptions): ValidationError[] {
    const forbidNonWhitelisted = !ignoresUnknownFields(object.constructor);
    return withinLimits(this.limits, () => validateSync(object, { ...options, forbidNonWhitelisted }));
  }
}

/** 400 `validation_failed` for these fields. */
export function validationFailed(errors: FieldError[]): AppError {
  return new AppError('validation_failed', { errors: errors.slice(0, MOST_ERRORS), count: errors.length });
}

function flatten(errors: ValidationError[], path = ''): FieldError[] {
  return errors.flatMap((error) => {
    const field = path + shownKey(error.property);
    const own = Object.entries(error.constraints ?? {}).map(([rule, message]) => ({
      field,
      message: rule === 'whitelistValidation' ? 'is not a known field' : withoutName(message, error.property),
    }));
    return [...own, ...flatten(error.children ?? [], `${field}.`)];
  });
}

/** class-validator's messages start with the field's name, which the response gives separately. */
function withoutName(message: string, property: string): string {
  return message.startsWith(`${property} `) ? message.slice(property.length + 1) : message;
}
