import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsObject, IsOptional, IsString, MaxLength, ValidateNested } from 'class-validator';
import { IsCleanText, IsNotBlank, MaxChars } from '../../platform/http/index.js';

/** Another result of a tool call. */
export class ToolResultDto {
  @ApiProperty({ example: 'call_1' })
  @IsString()
  @MaxLength(200)
  call_id!: string;

  @ApiProperty({ example: '{"price": 12}', description: 'As the model reads it.' })
  @IsCleanText()
  @MaxLength(262_144)
  result!: string;
}

/** Body of `POST /api/messages/{message_id}/fork`. */
export class ForkDto {
  @ApiProperty({
    example: '1760270888823_0007_a26344ee',
    description: 'Id of the last event to keep; any but `error` and `end`.',
  })
  @IsString()
  @MaxLength(100)
  after!: string;

  @ApiPropertyOptional({ description: 'Another question.' })
  @IsOptional()
  @IsCleanText()
  @IsNotBlank()
  @MaxChars('CONTENT_MAX_CHARS')
  content?: string;

  @ApiPropertyOptional({
    type: ToolResultDto,
    description:
      'Another result of a call that has ended by then: the model goes on as if the tool had said that.',
  })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => ToolResultDto)
  tool_result?: ToolResultDto;

  @ApiPropertyOptional({ example: 'assistant', description: 'Another agent.' })
  @IsOptional()
  @IsCleanText()
  @MaxLength(100)
  agent?: string;
}
