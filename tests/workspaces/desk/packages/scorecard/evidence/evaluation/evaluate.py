print("auc 0.791")
