import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, IsString, MaxLength } from 'class-validator';

/** Whom a request is made for, where the path does not say so; see `CurrentPerson`. */
export class PersonQueryDto {
  @ApiPropertyOptional({
    example: 'alice@company.com',
    description: 'The user that a caller acts for who may act for anybody.',
  })
  @IsOptional()
  @IsString()
  @MaxLength(200)
  user_id?: string;
}
