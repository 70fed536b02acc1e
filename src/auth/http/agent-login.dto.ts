import { ApiProperty } from '@nestjs/swagger';
import { IsNotEmpty, IsString, MaxLength } from 'class-validator';

/** Body of `POST /ai-agent/{tenant_id}/{project_id}/login`. */
export class AgentLoginDto {
  @ApiProperty({ description: "The server's `AI_AGENT_SECRET`.", writeOnly: true })
  @IsString()
  @IsNotEmpty()
  @MaxLength(1000)
  agent_secret!: string;
}

/** The answer to a login, as in OAuth 2. */
export class LoginView {
  @ApiProperty({ example: 'eyJhbGciOi…' })
  access_token!: string;

  @ApiProperty({ enum: ['Bearer'] })
  token_type!: 'Bearer';

  @ApiProperty({ type: 'integer', example: 3600, description: 'Seconds.' })
  expires_in!: number;
}
