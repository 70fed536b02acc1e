import { APIConnectionError, APIConnectionTimeoutError, APIError } from 'openai';
import { ProviderErrors } from '../server/provider-errors.js';

/** Failures of OpenAI-compatible servers, as their client reports them. */
export const openAiErrors = new ProviderErrors(
  { key: 'OPENAI_API_KEY', model: 'OPENAI_MODEL', url: 'OPENAI_BASE_URL', api: 'an OpenAI API' },
  { connection: APIConnectionError, timeout: APIConnectionTimeoutError, api: APIError },
);
