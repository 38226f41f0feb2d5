"""What the recipes share: data readers, metrics, graph surgery, manifests."""
