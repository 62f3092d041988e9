import type { Clock } from '../../clock.ts';
import type { Scope } from '../../service.ts';
import { checkBucketName } from './names.ts';
import { ObjectError } from './objects.ts';
import type { Bucket, ObjectRows } from './rows.ts';

/** The region in which AWS answers a bucket that is there already as a success. */
const LENIENT_REGION = 'us-east-1';

/**
 * The buckets of each account. A name is an account's only one over all its regions; unlike on AWS another account may
 * have the same name. A bucket is reached from every region.
 */
export class Buckets {
  readonly #rows: ObjectRows;
  readonly #clock: Clock;

  constructor(rows: ObjectRows, clock: Clock) {
    this.#rows = rows;
    this.#clock = clock;
  }

  /**
   * Makes a bucket in the region of `scope`. In us-east-1, as on AWS, a bucket that is there already is a success.
   * @throws ObjectError `InvalidBucketName`, or `BucketAlreadyOwnedByYou` 409.
   */
  create({ account, region }: Scope, name: string): Bucket {
    checkBucketName(name);
    return this.#rows.transaction(() => {
      const known = this.#rows.bucket(account, name);
      if (known?.region === LENIENT_REGION && region === LENIENT_REGION) return known;
      if (known) {
        throw new ObjectError(
          'BucketAlreadyOwnedByYou',
          409,
          `The bucket ${name} is there already and yours, in ${known.region}.`,
        );
      }
      const bucket: Bucket = { account, name, region, created: new Date(this.#clock.now()) };
      this.#rows.addBucket(bucket);
      return bucket;
    });
  }

  /** @throws ObjectError `NoSuchBucket` 404, `AccessDenied` 403 where only another account has it. */
  get({ account }: Scope, name: string): Bucket {
    const bucket = this.#rows.bucket(account, name);
    if (bucket) return bucket;
    if (this.#rows.isForeign(account, name)) {
      throw new ObjectError('AccessDenied', 403, `The bucket ${name} belongs to another account.`);
    }
    throw new ObjectError(
      'NoSuchBucket',
      404,
      `The bucket ${JSON.stringify(name.slice(0, 64))} does not exist.`,
    );
  }

  /** By name. */
  list({ account }: Scope): Bucket[] {
    return this.#rows.buckets(account);
  }

  /** @throws ObjectError as `get`, or `BucketNotEmpty` 409 where it has objects or unfinished uploads. */
  delete(scope: Scope, name: string): void {
    this.#rows.transaction(() => {
      const { account } = this.get(scope, name);
      const used =
        this.#rows.objects(account, name, Buffer.alloc(0), 1).length > 0 ||
        this.#rows.uploads().some((upload) => upload.account === account && upload.bucket === name);
      if (used) {
        throw new ObjectError(
          'BucketNotEmpty',
          409,
          `The bucket ${name} is not empty. Delete its objects and abort its uploads first.`,
        );
      }
      this.#rows.deleteBucket(account, name);
    });
  }
}
