import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, MaxLength } from 'class-validator';
import { IsCleanText, IsEmailAddress, IsNotBlank } from '../../platform/http/index.js';

/** Body of `PATCH /api/users/{user_id}`. An omitted field stays unchanged; `null` clears it. */
export class UpdateUserDto {
  @ApiPropertyOptional({ type: String, nullable: true, maxLength: 200, example: 'Alice Andersen' })
  @IsOptional()
  @IsCleanText()
  @IsNotBlank()
  @MaxLength(200)
  name?: string | null;

  @ApiPropertyOptional({ type: String, nullable: true, format: 'email', example: 'alice@company.com' })
  @IsOptional()
  @IsEmailAddress()
  email?: string | null;
}
