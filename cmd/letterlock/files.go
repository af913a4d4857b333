package main

import (
	"context"
	"net/url"
	"strings"

	"letterlock/internal/fault"
	"letterlock/messenger/media"
	"letterlock/storage/blob"
)

// openFiles opens the place where people's sealed files wait.
func openFiles(ctx context.Context, b base, store media.Store) (*media.Media, error) {
	blobs, err := openBlobs(ctx, b.conf.Media)
	if err != nil {
		return nil, err
	}
	return media.New(media.Config{Store: store, Blobs: blobs, Clock: b.clock, Log: b.log,
		Quota: int64(b.conf.MediaQuota) << 30, Space: int64(b.conf.MediaSpace) << 30}), nil
}

// openBlobs reads the setting: "folder:DIR" or "s3://...".
func openBlobs(ctx context.Context, setting string) (media.Blobs, error) {
	if dir, ok := strings.CutPrefix(setting, "folder:"); ok && dir != "" {
		return blob.OpenPieces(dir)
	}
	u, err := url.Parse(setting)
	if err != nil || u.Scheme != "s3" {
		return nil, fault.New(fault.Invalid, "read media setting", `media must be "folder:DIR" or "s3://KEY:SECRET@HOST/BUCKET"`)
	}
	if u.Query().Get("tls") == "no" && !loopback(u.Hostname()) {
		return nil, fault.New(fault.Invalid, "read media setting", "refusing an S3 server elsewhere without TLS: take &tls=no away")
	}
	return blob.OpenBucket(ctx, setting)
}
