import { APIConnectionError, APIConnectionTimeoutError, APIError } from '@anthropic-ai/sdk';
import { ProviderErrors } from '../server/provider-errors.js';

/** Failures of servers that speak the Messages API, as their client reports them. */
export const anthropicErrors = new ProviderErrors(
  {
    key: 'ANTHROPIC_API_KEY',
    model: 'the name of the model',
    url: 'ANTHROPIC_BASE_URL',
    api: 'the Messages API of Anthropic',
  },
  { connection: APIConnectionError, timeout: APIConnectionTimeoutError, api: APIError },
);
