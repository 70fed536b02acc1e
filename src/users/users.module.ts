import { Module } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { AuditModule } from '../audit/index.js';
import { USER, userSchema } from './user.schema.js';
import { UserDirectory } from './user-directory.js';
import { UsersService } from './users.service.js';

/** Users. */
@Module({
  imports: [AuditModule, MongooseModule.forFeature([{ name: USER, schema: userSchema }])],
  providers: [UsersService, UserDirectory],
  exports: [UsersService, UserDirectory],
})
export class UsersModule {}
