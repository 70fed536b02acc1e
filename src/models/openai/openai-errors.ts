import { APIConnectionError, APIConnectionTimeoutError, APIError } from 'openai';
import { ProviderErrors } from '../server/provider-errors.js';

const CLASSES = { connection: APIConnectionError, timeout: APIConnectionTimeoutError, api: APIError };

/** Failures of OpenAI-compatible servers, as their client reports them. */
export const openAiErrors = new ProviderErrors(
  { key: 'OPENAI_API_KEY', model: 'OPENAI_MODEL', url: 'OPENAI_BASE_URL', api: 'an OpenAI API' },
  CLASSES,
);

/** The same for a server that the file of agents names. */
export const remoteErrors = new ProviderErrors(
  { key: 'the headers of the agent', model: 'its model', url: 'its url', api: 'an OpenAI API' },
  CLASSES,
);
