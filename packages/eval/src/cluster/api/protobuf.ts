/** Length-delimited fields of one protobuf message by number; other wire types are stepped over. */
export function protobufFields(message: Uint8Array): ReadonlyMap<number, Uint8Array> {
  const fields = new Map<number, Uint8Array>();
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; shift < 35 && at < message.length; shift += 7) {
      const byte = message[at++]!;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new RangeError('malformed protobuf varint');
  };
  while (at < message.length) {
    const tag = varint();
    const wireType = tag & 7;
    if (wireType === 0) varint();
    else if (wireType === 2) {
      const length = varint();
      if (at + length > message.length) throw new RangeError('protobuf field runs past the end');
      fields.set(tag >>> 3, message.subarray(at, at + length));
      at += length;
    } else if (wireType === 1) at += 8;
    else if (wireType === 5) at += 4;
    else throw new RangeError(`unknown protobuf wire type ${wireType}`);
  }
  return fields;
}

const MAGIC = Buffer.from('k8s\0');

/** The message inside the envelope Kubernetes puts around protobuf: `k8s\0`, then runtime.Unknown with `raw` in field 2. */
export function unwrapKubernetesProtobuf(body: Uint8Array): Uint8Array {
  if (!MAGIC.equals(body.subarray(0, 4))) throw new RangeError('protobuf body without the k8s envelope');
  return protobufFields(body.subarray(4)).get(2) ?? new Uint8Array();
}
