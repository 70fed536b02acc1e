import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMinSize, ArrayUnique, IsArray, IsIn, IsOptional, MaxLength } from 'class-validator';
import { IsCleanText, IsIntBetween, IsNotBlank } from '../../platform/http/index.js';
import { TOKEN_SCOPES, type TokenScope } from '../tokens/access-token.schema.js';

/** Body of `POST /api/users/{user_id}/tokens`. */
export class CreateTokenDto {
  @ApiProperty({ maxLength: 200, example: 'Nightly report' })
  @IsCleanText()
  @IsNotBlank()
  @MaxLength(200)
  name!: string;

  @ApiPropertyOptional({
    enum: TOKEN_SCOPES,
    isArray: true,
    default: ['read'],
    description: '`write` includes `read`.',
  })
  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayUnique()
  @IsIn(TOKEN_SCOPES, { each: true })
  scopes?: TokenScope[] | null;

  @ApiPropertyOptional({
    type: 'integer',
    minimum: 1,
    maximum: 3650,
    default: 90,
    nullable: true,
    description: 'Days until it expires; `null`: it does not.',
  })
  @IsOptional()
  @IsIntBetween(1, 3650)
  expires_in_days?: number | null;
}
