package blob

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"strings"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"letterlock/internal/fault"
	"letterlock/messenger/media"
	"letterlock/wire"
)

// Bucket is people's sealed files in an S3 bucket: an object for each piece,
// named PREFIX/NUMBER/PIECE. Nothing is left to rules of the bucket: what is
// over is removed by the carrier, and the bucket must keep no versions.
type Bucket struct {
	s3           *minio.Client
	name, prefix string
}

var _ media.Blobs = (*Bucket)(nil)

// OpenBucket reads s3://KEY:SECRET@HOST[:PORT]/BUCKET[/PREFIX][?region=R&tls=no]
// and looks whether the bucket is there.
func OpenBucket(ctx context.Context, address string) (*Bucket, error) {
	bad := func(err error, say string) error {
		return fault.Wrap(fault.Invalid, "open bucket", err, "media: %s; give s3://KEY:SECRET@HOST/BUCKET with ?region=... and, for a server on this machine without TLS, &tls=no", say)
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "s3" || u.Host == "" || u.User == nil {
		return nil, bad(nil, "this is no address of a bucket") // the cause would name the key
	}
	name, prefix, _ := strings.Cut(strings.Trim(u.Path, "/"), "/")
	if name == "" {
		return nil, bad(nil, "the bucket is not named")
	}
	secret, _ := u.User.Password()
	plain := u.Query().Get("tls") == "no"
	s3, err := minio.New(u.Host, &minio.Options{Creds: credentials.NewStaticV4(u.User.Username(), secret, ""),
		Secure: !plain, Region: u.Query().Get("region"), BucketLookup: minio.BucketLookupPath})
	if err != nil {
		return nil, bad(err, "the address cannot be used")
	}
	found, err := s3.BucketExists(ctx, name)
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, "open bucket", err, "media: the S3 server %s cannot be reached or refuses the key", u.Host)
	}
	if !found {
		return nil, fault.New(fault.Invalid, "open bucket", "media: there is no bucket %s at %s that this key may see: create it, or give it the right", name, u.Host)
	}
	versions, err := s3.GetBucketVersioning(ctx, name)
	if err == nil && versions.Status != "" {
		return nil, fault.New(fault.Invalid, "open bucket", "refusing a bucket that keeps or kept versions: what is deleted would stay; give a bucket without versioning")
	}
	if prefix != "" {
		prefix += "/"
	}
	return &Bucket{s3: s3, name: name, prefix: prefix}, nil
}

func (b *Bucket) folder(id wire.MediaID) string { return b.prefix + id.String() + "/" }

// Put stores a piece. The server has it when it answers.
func (b *Bucket) Put(ctx context.Context, id wire.MediaID, n int, r io.Reader, size int64) error {
	_, err := b.s3.PutObject(ctx, b.name, b.folder(id)+strconv.Itoa(n), io.LimitReader(r, size), size,
		minio.PutObjectOptions{ContentType: wire.MediaType, DisableMultipart: true})
	if err != nil {
		return fmt.Errorf("put piece: %w", err)
	}
	return nil
}

// Open reads a piece from a byte on.
func (b *Bucket) Open(ctx context.Context, id wire.MediaID, n int, from int64) (io.ReadCloser, error) {
	var o minio.GetObjectOptions
	if from > 0 {
		if err := o.SetRange(from, 0); err != nil {
			return nil, err
		}
	}
	r, err := b.s3.GetObject(ctx, b.name, b.folder(id)+strconv.Itoa(n), o)
	if err != nil {
		return nil, fmt.Errorf("open piece: %w", err)
	}
	return r, nil
}

// Remove takes the pieces away.
func (b *Bucket) Remove(ctx context.Context, id wire.MediaID) error {
	for o := range b.s3.ListObjectsIter(ctx, b.name, minio.ListObjectsOptions{Prefix: b.folder(id), Recursive: true}) {
		if o.Err != nil {
			return fmt.Errorf("list pieces: %w", o.Err)
		}
		if err := b.s3.RemoveObject(ctx, b.name, o.Key, minio.RemoveObjectOptions{}); err != nil {
			return fmt.Errorf("remove piece: %w", err)
		}
	}
	return nil
}

// Each names every blob of which there is a piece.
func (b *Bucket) Each(ctx context.Context, f func(wire.MediaID) error) error {
	for o := range b.s3.ListObjectsIter(ctx, b.name, minio.ListObjectsOptions{Prefix: b.prefix}) {
		if o.Err != nil {
			return fmt.Errorf("list blobs: %w", o.Err)
		}
		id, err := wire.ParseMediaID(strings.Trim(strings.TrimPrefix(o.Key, b.prefix), "/"))
		if err != nil {
			continue // not ours
		}
		if err := f(id); err != nil {
			return err
		}
	}
	return nil
}
