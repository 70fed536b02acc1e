import { Agent, EnvHttpProxyAgent, type Dispatcher } from 'undici';
import type { Settings } from '../../platform/config/index.js';

/** Our own watchdog decides how long a silence may last. */
const NO_TIMEOUTS = { headersTimeout: 0, bodyTimeout: 0 };

/** The way to the model provider: direct, or through the proxy in the environment. Nothing else uses it. */
export function routeTo(settings: Settings): Dispatcher {
  const { HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY } = settings;
  const [httpProxy, httpsProxy] = [HTTP_PROXY ?? ALL_PROXY ?? '', HTTPS_PROXY ?? ALL_PROXY ?? ''];
  if (httpProxy === '' && httpsProxy === '') return new Agent(NO_TIMEOUTS);
  // All three are given, because otherwise undici reads the environment itself.
  return new EnvHttpProxyAgent({ httpProxy, httpsProxy, noProxy: NO_PROXY ?? '', ...NO_TIMEOUTS });
}
