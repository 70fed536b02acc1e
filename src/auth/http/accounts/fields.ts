import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { IsNotEmpty, IsString, Matches, MaxLength, MinLength } from 'class-validator';
import { IsCleanText, IsEmailAddress, IsNotBlank } from '../../../platform/http/index.js';

/** Shorter ones are guessed. */
export const PASSWORD_MIN = 10;
const PASSWORD_MAX = 200;

/** A password that somebody has. */
export function Password(): PropertyDecorator {
  return applyDecorators(
    ApiProperty({ format: 'password', writeOnly: true, maxLength: PASSWORD_MAX }),
    IsCleanText(),
    IsNotEmpty(),
    MaxLength(PASSWORD_MAX),
  );
}

/** A password that somebody chooses. */
export function NewPassword(): PropertyDecorator {
  return applyDecorators(
    ApiProperty({ format: 'password', writeOnly: true, minLength: PASSWORD_MIN, maxLength: PASSWORD_MAX }),
    IsCleanText(),
    IsNotBlank(),
    MinLength(PASSWORD_MIN),
    MaxLength(PASSWORD_MAX),
  );
}

/** An email address with which somebody logs in. */
export function LoginEmail(): PropertyDecorator {
  return applyDecorators(
    ApiProperty({ format: 'email', example: 'alice@company.com', maxLength: 254 }),
    IsEmailAddress(),
    MaxLength(254),
  );
}

/** What somebody is called. */
export function PersonName(): PropertyDecorator {
  return applyDecorators(
    ApiProperty({ example: 'Alice Andersen', maxLength: 200 }),
    IsCleanText(),
    IsNotBlank(),
    MaxLength(200),
  );
}

/** The secret of a link: what stands after the `#`. */
export function LinkSecret(): PropertyDecorator {
  return applyDecorators(
    ApiProperty({ example: 'rpl_…', writeOnly: true, description: 'What stands after the `#` of the link.' }),
    IsString(),
    Matches(/^rpl_[\w-]{1,200}$/, { message: 'must be what stands after the "#" of the link' }),
  );
}
