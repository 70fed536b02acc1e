import { createParamDecorator } from '@nestjs/common';
import { DEFAULT_TENANT, type TenantId } from '../../common/index.js';

/** The tenant of the request. Authentication will set it here; until then a deployment has a single one. */
export const CurrentTenant = createParamDecorator((): TenantId => DEFAULT_TENANT);
