import { createParamDecorator } from '@nestjs/common';
import { DEFAULT_TENANT, type TenantId } from '../../common/index.js';

/** Whose request it is. Authentication will put the tenant here; until then a deployment has one. */
export const CurrentTenant = createParamDecorator((): TenantId => DEFAULT_TENANT);
